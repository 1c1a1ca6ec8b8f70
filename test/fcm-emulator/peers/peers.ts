import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Third-party clients. Each is driven by a short program that uses the library as its manual says. The program is
 * started with PORT SENDER KEY CA-PATH and reads commands, one per line: `send TOKEN ID` (with HELLO as data), `bad` (a
 * payload that is not JSON), `ping` (to fcm.googleapis.com), `close`. It prints a line of JSON for each event:
 * connected {jid?}, refused, answer {id, type, error}, stanzaError, upstream {id, from, data} (which it acks), control
 * {type}, pong {from?}, disconnected.
 */
export const HELLO = 'wörld <&> 😀👩‍💻';

export const COLUMNS = [
  'login',
  'bind',
  'ack',
  'emoji',
  'bad JSON',
  'upstream',
  'ping',
  'draining',
  'close',
  'wrong key',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface PeerSpec {
  readonly name: string;
  readonly language: string;
  readonly from: 'Debian' | 'npm';
  /** Debian packages; npm's come with `npm ci`. */
  readonly packages: readonly string[];
  /** Too large for a test to install; `npm run compat` does. */
  readonly large: boolean;
  /** What it sends as authzid (if any) and authcid. */
  readonly login: string;
  /** What the client cannot do, and why. */
  readonly limits: Partial<Record<Column, string>>;
  /** Whether it is installed. */
  readonly here: () => boolean;
  /** The program and its first arguments; builds it if need be. */
  readonly command: () => readonly [string, ...string[]];
}

const FOLDER = import.meta.dirname;
const BUILT = join(FOLDER, '../../../.local/peers');
const PYTHON = '/usr/bin/python3'; // Debian's: the package is installed for this one only
const GO_PATH = '/usr/share/gocode';

const script = (name: string): string => join(FOLDER, name);
const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

const builds = new Map<string, string>();

/** Builds a source file of this folder once. `-o` goes before the source, as `go build` requires. */
function built(name: string, [command, ...args]: readonly [string, ...string[]], source: readonly string[]): [string] {
  const before = builds.get(name);
  if (before !== undefined) return [before];
  mkdirSync(BUILT, { recursive: true });
  const path = join(BUILT, name);
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: GO_PATH, GOCACHE: join(BUILT, 'go-cache') };
  const { status, stderr } = spawnSync(command, [...args, '-o', path, ...source], {
    cwd: FOLDER,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} cannot be built: ${stderr}`);
  builds.set(name, path);
  return [path];
}

export const PEERS: readonly PeerSpec[] = [
  {
    name: '@xmpp/client',
    language: 'Node',
    from: 'npm',
    packages: [],
    large: false,
    login: 'bare',
    limits: {},
    here: () => true,
    command: () => [process.execPath, script('xmppjs-client.mjs')],
  },
  {
    name: 'node-xcs',
    language: 'Node',
    from: 'npm',
    packages: [],
    large: false,
    login: 'address',
    limits: {
      'bad JSON': 'cannot send any, and its stanza error handler throws',
      ping: 'not supported',
      draining: 'drops the control message, since it has no message_id; the rest works',
    },
    here: () => true,
    command: () => [process.execPath, script('node-xcs.cjs')],
  },
  {
    name: 'python3-slixmpp',
    language: 'Python',
    from: 'Debian',
    packages: ['python3-slixmpp'],
    large: false,
    login: 'bare',
    limits: {},
    here: () => existsSync(PYTHON) && runs(PYTHON, '-c', 'import slixmpp'),
    command: () => [PYTHON, script('slixmpp_client.py')],
  },
  {
    name: 'libnet-xmpp-perl',
    language: 'Perl',
    from: 'Debian',
    packages: ['libnet-xmpp-perl', 'libio-socket-ssl-perl', 'libauthen-sasl-perl'],
    large: false,
    login: 'bare',
    limits: {},
    here: () => runs('perl', '-MNet::XMPP', '-MIO::Socket::SSL', '-MAuthen::SASL', '-e', '1'),
    command: () => ['perl', script('net_xmpp_client.pl')],
  },
  {
    name: 'ruby-xmpp4r',
    language: 'Ruby',
    from: 'Debian',
    packages: ['ruby-xmpp4r'],
    large: false,
    login: 'address + bare',
    limits: {
      upstream: 'ASCII only: its parser treats TLS input as bytes, and any other character ends the connection',
    },
    here: () => runs('ruby', '-e', 'require "xmpp4r"'),
    command: () => ['ruby', script('xmpp4r_client.rb')],
  },
  {
    name: 'libstrophe-dev',
    language: 'C',
    from: 'Debian',
    packages: ['libstrophe-dev', 'gcc', 'libc6-dev'],
    large: true,
    login: 'bare',
    limits: {},
    here: () => existsSync('/usr/include/strophe.h') && runs('gcc', '--version'),
    command: () => built('strophe', ['gcc', '-O1'], ['libstrophe_client.c', '-lstrophe']),
  },
  {
    name: 'libgloox-dev',
    language: 'C++',
    from: 'Debian',
    packages: ['libgloox-dev', 'g++'],
    large: true,
    login: 'bare',
    limits: {},
    here: () => existsSync('/usr/include/gloox/client.h') && runs('g++', '--version'),
    command: () => built('gloox', ['g++', '-O1'], ['gloox_client.cpp', '-lgloox']),
  },
  {
    name: 'golang-github-mattn-go-xmpp-dev',
    language: 'Go',
    from: 'Debian',
    packages: ['golang-go', 'golang-github-mattn-go-xmpp-dev'],
    large: true,
    login: 'bare',
    limits: {},
    here: () => existsSync(join(GO_PATH, 'src/github.com/mattn/go-xmpp')) && runs('go', 'version'),
    command: () => built('go-xmpp', ['go', 'build'], ['go_xmpp_client.go']),
  },
];
