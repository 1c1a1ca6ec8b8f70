import { withoutProxy } from '../../../relay/adapters/no-proxy.ts';

const LOOPBACK = '127.0.0.1,localhost,::1';

test('what runs on this machine is reached without a proxy, by whichever name a client looks for', () => {
  expect(withoutProxy({})).toEqual({ no_proxy: LOOPBACK, NO_PROXY: LOOPBACK, no_grpc_proxy: LOOPBACK });
});

test('what the shell excepts stays excepted: gRPC reads its own list in place of the general one', () => {
  expect(withoutProxy({ no_proxy: '.example.org, localhost', NO_PROXY: '', no_grpc_proxy: '10.0.0.1' })).toEqual({
    no_proxy: '.example.org,localhost,127.0.0.1,::1',
    NO_PROXY: '.example.org,localhost,127.0.0.1,::1',
    no_grpc_proxy: '10.0.0.1,.example.org,localhost,127.0.0.1,::1',
  });
});
