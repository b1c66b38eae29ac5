/** The server that `cargo xtask` has built, at the address for which it built the example. */
import { required } from "./environment.ts";
import { createServer, type RealServer, type ServerOptions } from "./server.ts";

/** Does not start it. Pages that are not the example's may take another port. */
export function serverUnderTest(
  options: Pick<ServerOptions, "data" | "allowOrigin"> & { readonly port?: number },
): RealServer {
  const { data, allowOrigin, port = Number(required("BEACONRY_SERVER_PORT")) } = options;
  return createServer({ binary: required("BEACONRY_SERVER_BIN"), token: required("BEACONRY_TOKEN"), data, allowOrigin, port });
}
