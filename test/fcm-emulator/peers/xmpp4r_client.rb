# Drives Debian's ruby-xmpp4r. peers.ts describes stdin and stdout.
Encoding.default_external = Encoding.default_internal = Encoding::UTF_8
require 'json'
require 'openssl'
require 'xmpp4r'

PORT, SENDER, KEY, CA = ARGV
$stdout.sync = true

def say(event, more = {})
  puts JSON.generate({ event: event }.merge(more))
end

# With TLS from the first byte it takes no CA, so ours is added to the process's default store.
OpenSSL::SSL::SSLContext::DEFAULT_CERT_STORE.add_file(CA)

client = Jabber::Client.new("#{SENDER}@fcm.googleapis.com")
client.use_ssl = true
client.on_exception { |_error, _stream, where| say('disconnected') if where != :close }
begin
  client.connect('localhost', PORT.to_i)
  client.auth(KEY)
rescue Jabber::ClientAuthenticationFailure, StandardError => error
  say('refused', text: error.message)
  exit
end

def put(client, id, payload)
  message = REXML::Element.new('message')
  message.add_attribute('id', id)
  gcm = message.add_element('gcm', 'xmlns' => 'google:mobile:data')
  gcm.text = payload
  client.send(message)
end

client.add_message_callback do |message|
  if message.type == :error
    say('stanzaError')
    next
  end
  gcm = message.elements.find { |one| one.name == 'gcm' }
  next if gcm.nil?
  read = JSON.parse(gcm.text)
  case read['message_type']
  when 'control' then say('control', type: read['control_type'])
  when 'ack', 'nack' then say('answer', id: read['message_id'], type: read['message_type'], error: read['error'])
  else
    say('upstream', id: read['message_id'], from: read['from'], data: read['data'])
    put(client, '', JSON.generate(to: read['from'], message_id: read['message_id'], message_type: 'ack'))
  end
end
say('connected', jid: client.jid.to_s)

def ping(client)
  iq = Jabber::Iq.new(:get, 'fcm.googleapis.com')
  iq.add(REXML::Element.new('ping')).add_namespace('urn:xmpp:ping')
  client.send_with_id(iq) { |answer| say('pong', from: answer.from.to_s) }
end

$stdin.each_line do |line|
  verb, token, id = line.split
  case verb
  when 'send' then put(client, id, JSON.generate(to: token, message_id: id, data: { hello: 'wörld <&> 😀👩‍💻' }))
  when 'bad' then put(client, 'bad', '{"random": "text"')
  when 'ping' then Thread.new { ping(client) }
  when 'close'
    client.close
    say('disconnected')
  end
end
