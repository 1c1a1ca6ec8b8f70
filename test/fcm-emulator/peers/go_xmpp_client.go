// Drives Debian's golang-github-mattn-go-xmpp-dev. peers.ts describes stdin and stdout.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"strings"

	"github.com/mattn/go-xmpp"
)

type object = map[string]interface{}

func say(event string, more object) {
	report := object{"event": event}
	for name, value := range more {
		report[name] = value
	}
	line, _ := json.Marshal(report)
	fmt.Println(string(line))
}

func put(client *xmpp.Client, id, payload string) {
	var escaped strings.Builder
	xml.EscapeText(&escaped, []byte(payload))
	client.SendOrg(fmt.Sprintf("<message id='%s'><gcm xmlns='google:mobile:data'>%s</gcm></message>\n", id, escaped.String()))
}

func payload(fields object) string {
	text, _ := json.Marshal(fields)
	return string(text)
}

func receive(client *xmpp.Client) {
	for {
		stanza, err := client.Recv()
		if err != nil {
			say("disconnected", nil)
			return
		}
		switch v := stanza.(type) {
		case xmpp.IQ:
			if v.ID == "c2s1" {
				say("pong", object{"from": v.From})
			}
		case xmpp.Chat:
			if v.Type == "error" {
				say("stanzaError", nil)
				continue
			}
			for _, other := range v.Other {
				var read object
				if json.Unmarshal([]byte(other), &read) == nil {
					take(client, read)
				}
			}
		}
	}
}

func take(client *xmpp.Client, read object) {
	switch read["message_type"] {
	case "control":
		say("control", object{"type": read["control_type"]})
	case "ack", "nack":
		say("answer", object{"id": read["message_id"], "type": read["message_type"], "error": read["error"]})
	default:
		say("upstream", object{"id": read["message_id"], "from": read["from"], "data": read["data"]})
		put(client, "", payload(object{"to": read["from"], "message_id": read["message_id"], "message_type": "ack"}))
	}
}

func main() {
	port, sender, key, ca := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	pem, err := os.ReadFile(ca)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	options := xmpp.Options{
		Host: "localhost:" + port, User: sender + "@fcm.googleapis.com", Password: key, Session: true,
		TLSConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"},
	}
	client, err := options.NewClient()
	if err != nil {
		say("refused", object{"text": err.Error()})
		return
	}
	say("connected", object{"jid": client.JID()})
	go receive(client)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "send":
			put(client, words[2], payload(object{"to": words[1], "message_id": words[2], "data": object{"hello": "wörld <&> 😀👩‍💻"}}))
		case "bad":
			put(client, "bad", `{"random": "text"`)
		case "ping":
			client.PingC2S("", "")
		case "close":
			client.Close()
		}
	}
}
