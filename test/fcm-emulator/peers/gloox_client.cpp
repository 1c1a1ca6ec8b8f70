// Drives Debian's libgloox-dev. peers.ts describes stdin and stdout. No JSON library: fields are cut out of the text.
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/connectiontls.h>
#include <gloox/error.h>
#include <gloox/event.h>
#include <gloox/eventhandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/stanzaextension.h>

#include <fcntl.h>
#include <iostream>
#include <sstream>
#include <unistd.h>

using namespace gloox;

// The JSON string at "name", without its quotes, still escaped.
static std::string field(const std::string& json, const std::string& name) {
    const std::string key = "\"" + name + "\":\"";
    size_t at = json.find(key);
    if (at == std::string::npos) return "";
    std::string out;
    for (at += key.size(); at < json.size() && json[at] != '"'; ++at) {
        if (json[at] == '\\') out += json[at++];
        out += json[at];
    }
    return out;
}

static void say(const std::string& fields) { std::cout << "{\"event\":" << fields << "}" << std::endl; }

class Gcm : public StanzaExtension {
  public:
    explicit Gcm(const std::string& json = "") : StanzaExtension(ExtUser + 1), json(json) {}
    explicit Gcm(const Tag* tag) : StanzaExtension(ExtUser + 1), json(tag->cdata()) {}
    const std::string& filterString() const override {
        static const std::string filter = "/message/gcm";
        return filter;
    }
    StanzaExtension* newInstance(const Tag* tag) const override { return new Gcm(tag); }
    StanzaExtension* clone() const override { return new Gcm(json); }
    Tag* tag() const override {
        Tag* gcm = new Tag("gcm", json);
        gcm->setXmlns("google:mobile:data");
        return gcm;
    }
    const std::string json;
};

class Peer : public ConnectionListener, public MessageHandler, public EventHandler {
  public:
    Peer(const std::string& sender, const std::string& key, int port, const std::string& ca)
        : client(JID(sender + "@fcm.googleapis.com/gloox"), key) {
        auto* tcp = new ConnectionTCPClient(client.logInstance(), "localhost", port);
        auto* tls = new ConnectionTLS(&client, tcp, client.logInstance()); // TLS from the first byte
        tls->setCACerts({ca});
        client.setConnectionImpl(tls);
        client.setTls(TLSDisabled); // none on top of it
        client.registerStanzaExtension(new Gcm());
        client.registerConnectionListener(this);
        client.registerMessageHandler(this);
    }

    void run() {
        client.connect(false);
        fcntl(0, F_SETFL, O_NONBLOCK);
        std::string rest;
        char bytes[1024];
        while (client.recv(20000) == ConnNoError && running) {
            ssize_t n = read(0, bytes, sizeof bytes);
            if (n > 0) rest.append(bytes, n);
            for (size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) order(rest.substr(0, end));
        }
    }

    void onConnect() override {
        connected = true;
        say("\"connected\",\"jid\":\"" + client.jid().full() + "\"");
    }
    void onDisconnect(ConnectionError) override {
        say(connected ? "\"disconnected\"" : "\"refused\"");
        running = false;
    }
    bool onTLSConnect(const CertInfo&) override { return true; }
    void handleEvent(const Event& event) override {
        if (event.eventType() == Event::PingPong) say("\"pong\",\"from\":\"" + event.stanza()->from().full() + "\"");
    }

    void handleMessage(const Message& message, MessageSession*) override {
        if (message.subtype() == Message::Error) return say("\"stanzaError\"");
        const Gcm* gcm = message.findExtension<Gcm>(ExtUser + 1);
        if (!gcm) return;
        const std::string &json = gcm->json, kind = field(json, "message_type"), id = field(json, "message_id");
        if (kind == "control") return say("\"control\",\"type\":\"" + field(json, "control_type") + "\"");
        if (kind == "ack" || kind == "nack") {
            const std::string error = field(json, "error");
            return say("\"answer\",\"id\":\"" + id + "\",\"type\":\"" + kind + "\"" + (error.empty() ? "" : ",\"error\":\"" + error + "\""));
        }
        const std::string from = field(json, "from");
        say("\"upstream\",\"id\":\"" + id + "\",\"from\":\"" + from + "\",\"data\":{\"text\":\"" + field(json, "text") + "\"}");
        put("{\"to\":\"" + from + "\",\"message_id\":\"" + id + "\",\"message_type\":\"ack\"}");
    }

  private:
    void put(const std::string& json) {
        Message message(Message::Normal, JID("fcm.googleapis.com"));
        message.addExtension(new Gcm(json));
        client.send(message);
    }

    void order(const std::string& line) {
        std::istringstream words(line);
        std::string verb, token, id;
        words >> verb >> token >> id;
        if (verb == "send") put("{\"to\":\"" + token + "\",\"message_id\":\"" + id + "\",\"data\":{\"hello\":\"wörld <&> 😀👩‍💻\"}}");
        if (verb == "bad") put("{\"random\": \"text\"");
        if (verb == "ping") client.xmppPing(JID("fcm.googleapis.com"), this);
        if (verb == "close") client.disconnect();
    }

    Client client;
    bool connected = false;
    bool running = true;
};

int main(int, char** argv) {
    Peer(argv[2], argv[3], std::stoi(argv[1]), argv[4]).run();
    return 0;
}
