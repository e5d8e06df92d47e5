import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { Code, StatusError } from "../base/status.js";
import { refuseUpgrade } from "./refuse-upgrade-node.js";

/** Handles a request to upgrade, as the `upgrade` event of an HTTP server gives it. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** How a server tells of its events, whichever they are. */
type Emit = (event: string, ...args: unknown[]) => boolean;

/** The paths that we answer upgrades for, and what has to be done for the first and after the last of them. */
interface Routes {
  readonly paths: Map<string, UpgradeHandler>;
  start(): void;
  stop(): void;
}

const routesOf = new WeakMap<Server, Routes>();

/**
 * Calls `handler` with the requests to upgrade at `path`, which nobody else hears of. Those at other paths are left to the
 * server's other `upgrade` listeners, and answered with 404 where there are none. Returns a function that stops it.
 *
 * Throws ALREADY_EXISTS when another listener of this package has the path.
 */
export function routeUpgrades(server: Server, path: string, handler: UpgradeHandler): () => void {
  const routes = routesOf.get(server) ?? createRoutes(server);
  const { paths } = routes;
  if (paths.has(path)) {
    throw new StatusError(Code.ALREADY_EXISTS, `${path} has a listener on this server already; choose another path`);
  }
  if (paths.size === 0) {
    routes.start();
  }
  paths.set(path, handler);
  return () => {
    if (paths.get(path) === handler) {
      paths.delete(path);
      if (paths.size === 0) {
        routes.stop();
      }
    }
  };
}

function createRoutes(server: Server): Routes {
  const paths = new Map<string, UpgradeHandler>();
  const refuseAlone: UpgradeHandler = (_request, socket) => {
    if (server.listenerCount("upgrade") === 1) {
      refuseUpgrade(socket, 404);
    }
  };
  let emitBelow: Emit | undefined;
  // Most who accept WebSockets answer each upgrade that their server tells of, also what isn't theirs, with an error: beside
  // one of them a listener for the event would find its socket answered, or have it answered once more. So that which is
  // ours is taken before the event. A server without a listener for the event doesn't get as far.
  const emit = (event: string, ...args: unknown[]): boolean => {
    if (event === "upgrade") {
      const [request, socket, head] = args as Parameters<UpgradeHandler>;
      const handler = paths.get(request.url?.split("?", 1)[0] ?? "");
      if (handler !== undefined) {
        handler(request, socket, head);
        return true;
      }
    }
    return (emitBelow as Emit).call(server, event, ...args);
  };
  const routes = {
    paths,
    start() {
      server.on("upgrade", refuseAlone);
      if (emitBelow === undefined) {
        emitBelow = server.emit as Emit;
        server.emit = emit;
      }
    },
    stop() {
      server.off("upgrade", refuseAlone);
      // Somebody else may have put theirs above ours since, which still calls ours: then it stays, and finds no paths.
      if (server.emit === emit) {
        server.emit = emitBelow as Emit;
        emitBelow = undefined;
      }
    },
  };
  routesOf.set(server, routes);
  return routes;
}
