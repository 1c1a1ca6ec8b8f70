/* Drives Debian's libstrophe-dev. peers.ts describes stdin and stdout. No JSON library: fields are cut out of the text. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <unistd.h>

static xmpp_ctx_t *ctx;
static xmpp_conn_t *conn;
static int running = 1;

/* The JSON string at "name", without its quotes, still escaped. */
static void field(const char *json, const char *name, char *out, size_t size) {
    char key[64];
    out[0] = 0;
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(json, key);
    if (!at) return;
    at += strlen(key);
    size_t n = 0;
    while (*at && *at != '"' && n + 2 < size) {
        if (*at == '\\') out[n++] = *at++;
        out[n++] = *at++;
    }
    out[n] = 0;
}

static void put(const char *id, const char *payload) {
    xmpp_stanza_t *message = xmpp_message_new(ctx, NULL, NULL, id), *gcm = xmpp_stanza_new(ctx), *text = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(gcm, "gcm");
    xmpp_stanza_set_ns(gcm, "google:mobile:data");
    xmpp_stanza_set_text(text, payload);
    xmpp_stanza_add_child(gcm, text);
    xmpp_stanza_add_child(message, gcm);
    xmpp_send(conn, message);
    xmpp_stanza_release(text);
    xmpp_stanza_release(gcm);
    xmpp_stanza_release(message);
}

static int on_message(xmpp_conn_t *c, xmpp_stanza_t *stanza, void *data) {
    const char *type = xmpp_stanza_get_type(stanza);
    if (type && !strcmp(type, "error")) {
        puts("{\"event\":\"stanzaError\"}");
        return 1;
    }
    xmpp_stanza_t *gcm = xmpp_stanza_get_child_by_ns(stanza, "google:mobile:data");
    if (!gcm) gcm = xmpp_stanza_get_children(stanza); /* its parser keeps the namespace of a prefixed element elsewhere */
    char *json = gcm ? xmpp_stanza_get_text(gcm) : NULL;
    if (!json) return 1;
    char kind[64], id[512], from[512], error[128], inner[1024], ack[1200];
    field(json, "message_type", kind, sizeof kind);
    field(json, "message_id", id, sizeof id);
    field(json, "from", from, sizeof from);
    field(json, "error", error, sizeof error);
    field(json, "text", inner, sizeof inner);
    if (!strcmp(kind, "control")) {
        field(json, "control_type", id, sizeof id);
        printf("{\"event\":\"control\",\"type\":\"%s\"}\n", id);
    } else if (!strcmp(kind, "ack") || !strcmp(kind, "nack")) {
        if (error[0]) printf("{\"event\":\"answer\",\"id\":\"%s\",\"type\":\"%s\",\"error\":\"%s\"}\n", id, kind, error);
        else printf("{\"event\":\"answer\",\"id\":\"%s\",\"type\":\"%s\"}\n", id, kind);
    } else {
        printf("{\"event\":\"upstream\",\"id\":\"%s\",\"from\":\"%s\",\"data\":{\"text\":\"%s\"}}\n", id, from, inner);
        snprintf(ack, sizeof ack, "{\"to\":\"%s\",\"message_id\":\"%s\",\"message_type\":\"ack\"}", from, id);
        put("", ack);
    }
    xmpp_free(ctx, json);
    return 1;
}

static int on_pong(xmpp_conn_t *c, xmpp_stanza_t *stanza, void *data) {
    const char *from = xmpp_stanza_get_from(stanza), *type = xmpp_stanza_get_type(stanza);
    if (type && !strcmp(type, "result")) printf("{\"event\":\"pong\",\"from\":\"%s\"}\n", from ? from : "");
    return 0;
}

static void ping(void) {
    xmpp_stanza_t *iq = xmpp_iq_new(ctx, "get", "ping-1"), *child = xmpp_stanza_new(ctx);
    xmpp_stanza_set_to(iq, "fcm.googleapis.com");
    xmpp_stanza_set_name(child, "ping");
    xmpp_stanza_set_ns(child, "urn:xmpp:ping");
    xmpp_stanza_add_child(iq, child);
    xmpp_id_handler_add(conn, on_pong, "ping-1", NULL);
    xmpp_send(conn, iq);
    xmpp_stanza_release(child);
    xmpp_stanza_release(iq);
}

static void on_event(xmpp_conn_t *c, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data) {
    static int connected = 0;
    if (event == XMPP_CONN_CONNECT) {
        connected = 1;
        xmpp_handler_add(c, on_message, NULL, "message", NULL, NULL);
        printf("{\"event\":\"connected\",\"jid\":\"%s\"}\n", xmpp_conn_get_bound_jid(c));
    } else {
        puts(connected ? "{\"event\":\"disconnected\"}" : "{\"event\":\"refused\"}");
        running = 0;
    }
}

static void order(char *line) {
    char *verb = strtok(line, " \n"), *token = strtok(NULL, " \n"), *id = strtok(NULL, " \n"), payload[1024];
    if (!verb) return;
    if (!strcmp(verb, "send") && token && id) {
        snprintf(payload, sizeof payload, "{\"to\":\"%s\",\"message_id\":\"%s\",\"data\":{\"hello\":\"wörld <&> 😀👩‍💻\"}}", token, id);
        put(id, payload);
    } else if (!strcmp(verb, "bad")) put("bad", "{\"random\": \"text\"");
    else if (!strcmp(verb, "ping")) ping();
    else if (!strcmp(verb, "close")) xmpp_disconnect(conn);
}

int main(int argc, char **argv) {
    char jid[128], line[1024];
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(0, F_SETFL, O_NONBLOCK);
    xmpp_initialize();
    ctx = xmpp_ctx_new(NULL, xmpp_get_default_logger(getenv("XMPP_DEBUG") ? XMPP_LEVEL_DEBUG : XMPP_LEVEL_ERROR));
    conn = xmpp_conn_new(ctx);
    snprintf(jid, sizeof jid, "%s@fcm.googleapis.com/strophe", argv[2]);
    xmpp_conn_set_jid(conn, jid);
    xmpp_conn_set_pass(conn, argv[3]);
    xmpp_conn_set_cafile(conn, argv[4]);
    xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_LEGACY_SSL); /* TLS from the first byte */
    if (xmpp_connect_client(conn, "localhost", (unsigned short)atoi(argv[1]), on_event, NULL) != XMPP_EOK) return 1;
    while (running) {
        xmpp_run_once(ctx, 20);
        ssize_t n = read(0, line, sizeof line - 1);
        if (n > 0) {
            line[n] = 0;
            order(line);
        }
    }
    return 0;
}
