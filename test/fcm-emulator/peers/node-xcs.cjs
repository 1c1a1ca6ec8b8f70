// Drives npm's node-xcs. peers.ts describes stdin and stdout.
'use strict';
const util = require('node:util');
// node-xcs uses functions that Node 23 removed from node:util.
Object.assign(util, {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isBoolean: (value) => typeof value === 'boolean',
});
const xcs = require('node-xcs');
const [, , port, senderId, serverKey] = process.argv;
xcs.Constants.FCM_SEND_ENDPOINT = 'localhost';
xcs.Constants.FCM_SEND_PRODUCTION_PORT = Number(port);

const say = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const sender = new xcs.Sender(senderId, serverKey);
let online = false;
sender.on('connected', () => {
  online = true;
  say('connected');
});
sender.on('disconnected', () => say('disconnected'));
sender.on('message', (id, from, data) => say('upstream', { id, from, data }));
sender.on('message-error', (text) => say('stanzaError', { text }));
sender.on('error', (error) => say(online ? 'error' : 'refused', { text: String(error) }));
try {
  sender.start();
} catch (error) {
  // It has started to connect, then calls setTimeout on the socket, which has none over TLS in this @xmpp/client
  // version.
  if (!String(error).includes('setTimeout is not a function')) throw error;
}

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, token, id] = line.split(' ');
    if (verb === 'close') return sender.close();
    if (verb !== 'send') throw new Error(`node-xcs cannot ${verb}`);
    return sender.sendNoRetry(new xcs.Message(id).addData('hello', 'wörld <&> 😀👩‍💻').build(), token, (result) =>
      say('answer', { id: result.getMessageId(), type: result.getMessageType(), error: result.getError() }),
    );
  });
