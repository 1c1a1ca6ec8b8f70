const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** gRPC reads `no_grpc_proxy`, and if it is set, no other. */
type NoProxy = Readonly<Record<'no_proxy' | 'NO_PROXY' | 'no_grpc_proxy', string>>;

/** Variables that keep a proxy of the shell (`http_proxy` and the like) out of connections to this machine. */
export function withoutProxy(environment: NodeJS.ProcessEnv): NoProxy {
  const listOf = (name: string): string[] => (environment[name] ?? '').split(',').map((host) => host.trim());
  const general = [...listOf('no_proxy'), ...listOf('NO_PROXY')];
  const direct = (name: string): string =>
    [...new Set([...listOf(name), ...general, ...LOOPBACK])].filter((host) => host !== '').join(',');
  return { no_proxy: direct('no_proxy'), NO_PROXY: direct('NO_PROXY'), no_grpc_proxy: direct('no_grpc_proxy') };
}
