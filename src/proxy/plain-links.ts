import type { Authenticate } from "../auth/authenticate.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import { Code, status } from "../base/status.js";
import type { DialectOptions } from "../codec/dialect.js";
import { loadCodec } from "../codec/load-codec.js";
import type { Link } from "../link/link.js";
import { PlainLink } from "../link/plain-link.js";
import type { ClientLimits } from "./limits/client-limits.js";
import type { MeteredConnection } from "./limits/metered-connection.js";

/** What a server of plain links is told. */
export interface PlainLinksOptions extends DialectOptions {
  readonly authenticate: Authenticate | undefined;
  readonly maxMessageBytes: number;
  readonly maxElements: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ClientLimits;
}

/** Makes plain links, each of its one connection. */
export async function plainLinks(options: PlainLinksOptions, begin: (link: Link, count: () => number) => void) {
  const createCodec = await loadCodec(options);
  const { authenticate, maxMessageBytes, maxElements, clock, logger, limits } = options;
  return {
    connected(connection: MeteredConnection, settled: () => void): void {
      settled();
      // A transport of somebody else's may know nothing of `admit`.
      if (authenticate !== undefined && connection.peer.principal === undefined) {
        logger.error(
          "a client was refused: the transport doesn't ask who its clients are; its listen() must call admit()",
        );
        void connection.close(status(Code.INTERNAL, "the server can't find out who its clients are"));
        return;
      }
      const refusal = limits.refusal(connection.peer);
      if (refusal !== undefined) {
        void connection.close(refusal);
        return;
      }
      const elements = { max: maxElements, count: 0 };
      connection.elements = elements;
      connection.identified(connection.peer);
      const link = new PlainLink(connection, createCodec(elements), { announces: false, maxMessageBytes, clock });
      begin(link, () => connection.count);
    },
    close() {},
  };
}
