import { escapeAttribute, escapeText, NS } from '../xml/element.ts';

/** The element around an ack, nack or control message: captured with a prefix, documented without (protocol §2). */
export type GcmForm = 'prefixed' | 'bare';

export type StreamErrorCondition =
  | 'invalid-xml'
  | 'restricted-xml'
  | 'bad-namespace-prefix'
  | 'invalid-namespace'
  | 'not-authorized'
  | 'policy-violation'
  | 'resource-constraint'
  | 'unsupported-encoding'
  | 'unsupported-stanza-type'
  | 'connection-timeout'
  | 'internal-server-error'
  | 'system-shutdown';

export interface StanzaErrorBody {
  readonly code: string;
  readonly type: string;
  readonly condition: string;
  readonly text: string;
}

export interface UpstreamBody {
  readonly from: string;
  readonly message_id: string;
  readonly [field: string]: unknown;
}

/** Head of an answer to an iq. `from`: the request's `to`, by which libraries match answers (RFC 6120 §8.1.2.1). */
export interface IqHead {
  readonly id: string;
  readonly from: string | undefined;
}

/** Everything CCS may send. */
export type ServerFrame =
  | { readonly kind: 'header'; readonly from: string | undefined; readonly id: string }
  | { readonly kind: 'mechanisms' }
  | { readonly kind: 'features' }
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly condition: string }
  | ({ readonly kind: 'bound'; readonly jid: string } & IqHead)
  | ({ readonly kind: 'iqResult' } & IqHead)
  | ({ readonly kind: 'iqError'; readonly condition: string } & IqHead)
  | {
      readonly kind: 'ack';
      readonly messageId: string;
      readonly from: string;
      readonly registrationId: string | undefined;
    }
  | {
      readonly kind: 'nack';
      readonly messageId: string;
      readonly from: string;
      readonly error: string;
      readonly description: string;
    }
  | { readonly kind: 'control'; readonly controlType: string }
  | { readonly kind: 'upstream'; readonly to: string; readonly body: UpstreamBody }
  | {
      readonly kind: 'stanzaError';
      readonly id: string | undefined;
      readonly to: string;
      readonly payload: string | undefined;
      readonly error: StanzaErrorBody;
    }
  | { readonly kind: 'streamError'; readonly condition: StreamErrorCondition }
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'footer' };

const MECHANISMS = ['X-OAUTH2', 'X-GOOGLE-TOKEN', 'PLAIN']; // in this order (protocol §1)
const UPSTREAM_ORIGIN = 'devices@gcm.googleapis.com';

const GCM = {
  prefixed: ['<message><data:gcm xmlns:data="google:mobile:data">', '</data:gcm></message>'],
  bare: ['<message><gcm xmlns="google:mobile:data">', '</gcm></message>'],
} as const;

const gcm = (form: GcmForm, json: object): string => GCM[form][0] + escapeText(JSON.stringify(json)) + GCM[form][1];
const attribute = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}="${escapeAttribute(value)}"`;
const bareGcm = (json: string): string => `<gcm xmlns="${NS.gcm}">${escapeText(json)}</gcm>`;

const iqHead = ({ id, from }: IqHead, type: 'result' | 'error'): string =>
  `<iq${attribute('id', id)} type="${type}"${attribute('from', from)}`;
const bound = (jid: string): string => `<bind xmlns="${NS.bind}"><jid>${escapeText(jid)}</jid></bind>`;
const iqError = (condition: string): string =>
  `<error type="cancel"><${condition} xmlns="${NS.stanzaErrors}"/></error>`;

type AckFrame = Extract<ServerFrame, { kind: 'ack' }>;
type NackFrame = Extract<ServerFrame, { kind: 'nack' }>;

// Keys in the captured order.
const ackBody = ({ from, messageId, registrationId }: AckFrame): object => ({
  message_type: 'ack',
  from,
  message_id: messageId,
  registration_id: registrationId,
});
const nackBody = ({ from, messageId, error, description }: NackFrame): object => ({
  message_type: 'nack',
  from,
  message_id: messageId,
  error,
  error_description: description,
});

const FEATURES = `<stream:features><bind xmlns="${NS.bind}"/><session xmlns="${NS.session}"/></stream:features>`;
const MECHANISM_LIST = MECHANISMS.map((name) => `<mechanism>${name}</mechanism>`).join('');

const NAMESPACES = `xmlns:stream="${NS.stream}" xmlns="${NS.client}"`;

function upstream({ to, body }: Extract<ServerFrame, { kind: 'upstream' }>): string {
  const payload = bareGcm(JSON.stringify(body));
  return `<message${attribute('to', to)} from="${UPSTREAM_ORIGIN}" type="normal">${payload}</message>`;
}

function stanzaError({ id, to, payload, error }: Extract<ServerFrame, { kind: 'stanzaError' }>): string {
  const echo = payload === undefined ? '' : bareGcm(payload);
  const text = error.text === '' ? '' : `<text xmlns="${NS.stanzaErrors}">${escapeText(error.text)}</text>`;
  const attributes = attribute('code', error.code) + attribute('type', error.type);
  const body = `<error${attributes}><${error.condition} xmlns="${NS.stanzaErrors}"/>${text}</error>`;
  return `<message${attribute('id', id)} type="error"${attribute('to', to)}>${echo}${body}</message>`;
}

/** The frame's text; attribute order and quoting as captured (protocol §1, §2). */
export function render(frame: ServerFrame, form: GcmForm): string {
  switch (frame.kind) {
    case 'header':
      return `<stream:stream${attribute('from', frame.from)} id="${frame.id}" version="1.0" ${NAMESPACES}>`;
    case 'mechanisms':
      return `<stream:features><mechanisms xmlns="${NS.sasl}">${MECHANISM_LIST}</mechanisms></stream:features>`;
    case 'features':
      return FEATURES;
    case 'success':
      return `<success xmlns="${NS.sasl}"/>`;
    case 'failure':
      return `<failure xmlns="${NS.sasl}"><${frame.condition}/></failure>`;
    case 'bound':
      return `${iqHead(frame, 'result')}>${bound(frame.jid)}</iq>`;
    case 'iqResult':
      return `${iqHead(frame, 'result')}/>`;
    case 'iqError':
      return `${iqHead(frame, 'error')}>${iqError(frame.condition)}</iq>`;
    case 'ack':
      return gcm(form, ackBody(frame));
    case 'nack':
      return gcm(form, nackBody(frame));
    case 'control':
      return gcm(form, { message_type: 'control', control_type: frame.controlType });
    case 'upstream':
      return upstream(frame);
    case 'stanzaError':
      return stanzaError(frame);
    case 'streamError':
      return `<stream:error><${frame.condition} xmlns="${NS.streamErrors}"/></stream:error>`;
    case 'keepalive':
      return ' ';
    case 'footer':
      return '</stream:stream>';
  }
}
