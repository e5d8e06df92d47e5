import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { Code, StatusError } from "../base/status.js";
import { refuseUpgrade } from "./refuse-upgrade-node.js";

/** Handles a request to upgrade, as the `upgrade` event of an HTTP server gives it. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The paths that we answer upgrades for, and the one listener that does. */
interface Routes {
  readonly paths: Map<string, UpgradeHandler>;
  readonly listener: UpgradeHandler;
}

const routesOf = new WeakMap<Server, Routes>();

/**
 * Calls `handler` with the requests to upgrade at `path`. Those at other paths are left to the server's other
 * `upgrade` listeners, and answered with 404 where there are none. Returns a function that stops it.
 *
 * Throws ALREADY_EXISTS when another listener of this package has the path.
 */
export function routeUpgrades(server: Server, path: string, handler: UpgradeHandler): () => void {
  const routes = routesOf.get(server) ?? startRouting(server);
  if (routes.paths.has(path)) {
    throw new StatusError(Code.ALREADY_EXISTS, `${path} has a listener on this server already; choose another path`);
  }
  routes.paths.set(path, handler);
  return () => {
    if (routes.paths.get(path) === handler) {
      routes.paths.delete(path);
    }
    if (routes.paths.size === 0) {
      server.off("upgrade", routes.listener);
      routesOf.delete(server);
    }
  };
}

function startRouting(server: Server): Routes {
  const paths = new Map<string, UpgradeHandler>();
  const listener: UpgradeHandler = (request, socket, head) => {
    const handler = paths.get(request.url?.split("?", 1)[0] ?? "");
    if (handler !== undefined) {
      handler(request, socket, head);
    } else if (server.listenerCount("upgrade") === 1) {
      refuseUpgrade(socket, 404);
    }
  };
  const routes = { paths, listener };
  routesOf.set(server, routes);
  server.on("upgrade", listener);
  return routes;
}
