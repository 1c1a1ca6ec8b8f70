"""Drives Debian's python3-slixmpp. peers.ts describes stdin and stdout."""
import asyncio
import json
import ssl
import sys

from slixmpp import ClientXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp.xmlstream import ET

GCM = "{google:mobile:data}gcm"
PORT, SENDER, KEY, CA = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Client(ClientXMPP):
    def __init__(self):
        super().__init__(f"{SENDER}@fcm.googleapis.com", KEY)
        self.register_plugin("xep_0199")
        self.ssl_context = ssl.create_default_context(cafile=CA)
        self.ssl_context.check_hostname = False
        self.add_event_handler("session_start", lambda _: say("connected", jid=str(self.boundjid)))
        self.add_event_handler("disconnected", lambda _: say("disconnected"))
        self.add_event_handler("failed_auth", lambda _: say("refused"))
        self.register_handler(Callback("gcm", MatchXPath("{jabber:client}message/" + GCM), self.on_gcm))

    def on_gcm(self, stanza):
        if stanza["type"] == "error":
            return say("stanzaError")
        payload = json.loads(stanza.xml.find(GCM).text)
        kind = payload.get("message_type")
        if kind == "control":
            say("control", type=payload["control_type"])
        elif kind in ("ack", "nack"):
            say("answer", id=payload["message_id"], type=kind, error=payload.get("error"))
        else:
            say("upstream", id=payload["message_id"], data=payload["data"], **{"from": payload["from"]})
            self.put({"to": payload["from"], "message_id": payload["message_id"], "message_type": "ack"})

    def put(self, payload, stanza_id=""):
        message = ET.Element("{jabber:client}message", {"id": stanza_id})
        ET.SubElement(message, GCM).text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        self.send_raw(ET.tostring(message, encoding="unicode"))

    async def ping(self):
        answer = await self["xep_0199"].send_ping("fcm.googleapis.com")
        say("pong", **{"from": str(answer["from"])})


async def main():
    client = Client()
    client.connect(("127.0.0.1", PORT), use_ssl=True, force_starttls=False, disable_starttls=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        verb, *rest = line.decode().split()
        if verb == "send":
            client.put({"to": rest[0], "message_id": rest[1], "data": {"hello": "wörld <&> 😀👩‍💻"}}, rest[1])
        elif verb == "bad":
            client.put('{"random": "text"', "bad")
        elif verb == "ping":
            asyncio.ensure_future(client.ping())
        elif verb == "close":
            client.disconnect()


asyncio.get_event_loop().run_until_complete(main())
