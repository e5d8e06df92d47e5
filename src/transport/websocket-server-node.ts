import type { Server as HttpServer, IncomingMessage } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type TlsOptions, Server as TlsServer } from "node:tls";
import { type VerifyClientCallbackAsync, type WebSocket, WebSocketServer } from "ws";
import { type Clock, systemClock } from "../base/clock.js";
import { Code, invalidArgument, StatusError, status } from "../base/status.js";
import { acceptConnection } from "./accept.js";
import { defaultHandshakeTimeoutMs } from "./admission.js";
import { Arrivals } from "./arrivals-node.js";
import { checkPositive, checkProtocols } from "./check-options.js";
import { checkListenerTls, type ListenerTls } from "./listener-tls-node.js";
import { bracket } from "./network-socket-node.js";
import { checkOrigins, type OriginOptions } from "./origins.js";
import { openHttpServer } from "./own-http-server-node.js";
import { refuseUpgrade } from "./refuse-upgrade-node.js";
import {
  type AcceptOptions,
  type Connection,
  defaultMaxMessageBytes,
  type Listener,
  type Peer,
  type Principal,
  type ServerTransport,
} from "./transport.js";
import { UpgradeAdmissions } from "./upgrade-admissions-node.js";
import { upgradePeer } from "./upgrade-peer-node.js";
import { routeUpgrades } from "./upgrade-router-node.js";
import { closeTimeoutMs, WebSocketConnection } from "./websocket-connection.js";
import { maxFragments, WsControl } from "./ws-control.js";

/** The options of a `WebSocketServerTransport`. Exactly one of `port` and `server` is needed. */
export interface WebSocketServerTransportOptions extends OriginOptions {
  /** The port to listen at, with a server of its own. 0 takes any that is free; see the listener's address. */
  readonly port?: number;
  /**
   * The host name or address to listen at, with `port`. By default `127.0.0.1`: only this machine can connect.
   * `0.0.0.0` or `::` lets every machine connect.
   */
  readonly host?: string;
  /**
   * A server of `node:http` or `node:https` to attach to, in place of `port`. It must be listening already. Only its
   * upgrades at `path` are handled, of which its other listeners don't hear, and closing the listener never closes it.
   */
  readonly server?: HttpServer | HttpsServer;
  /** The certificate to listen with, at `wss://`. By default, and with `server`, which has its own, there is none. */
  readonly tls?: ListenerTls;
  /** The path of the URL that clients connect to; a query is ignored. By default `/ws`. */
  readonly path?: string;
  /** The largest message to take, in bytes. By default 1 MiB. A larger one closes its connection. */
  readonly maxMessageBytes?: number;
  /**
   * How long a client may take from connecting until its request to upgrade is complete and decided on, in milliseconds.
   * By default 10 000. With `server` its own timeouts hold for the request, and this for the decision alone.
   */
  readonly handshakeTimeoutMs?: number;
  /** Where time comes from. By default the clock of the platform. */
  readonly clock?: Clock;
}

/** What a listener needs of the HTTP server below it. */
interface Host {
  readonly server: HttpServer;
  upgraded(socket: Socket): void;
  close(): Promise<void>;
}

/**
 * Accepts WebSockets in Node, with an HTTP server of its own or at a path of a given one. Of the subprotocols that
 * clients offer only one that `listen()` was given is selected, and no extension.
 *
 * Throws INVALID_ARGUMENT for options that can't work.
 */
export class WebSocketServerTransport implements ServerTransport {
  readonly #options: WebSocketServerTransportOptions;
  readonly #path: string;
  readonly #host: string;
  readonly #maxMessageBytes: number;
  readonly #handshakeTimeoutMs: number;
  readonly #clock: Clock;
  readonly #tls: TlsOptions | undefined;
  readonly #isAllowed: (origin: string | undefined) => boolean;

  constructor(options: WebSocketServerTransportOptions) {
    const { port, server, host = "127.0.0.1", path = "/ws" } = options;
    if (server === undefined && port === undefined) {
      throw invalidArgument("port", port, "is needed unless there is a server to attach to");
    }
    for (const name of ["port", "host", "tls"] as const) {
      if (server !== undefined && options[name] !== undefined) {
        throw invalidArgument(name, options[name], "must be left out where there is a server to attach to");
      }
    }
    if (server !== undefined && typeof server.on !== "function") {
      // Those that Bun and Deno have beside tell nobody of what wants to become a WebSocket.
      throw invalidArgument("server", typeof server, "must be one that node:http or node:https has made");
    }
    if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535)) {
      throw invalidArgument("port", port, "must be an integer from 0 to 65535");
    }
    if (typeof host !== "string" || host === "") {
      throw invalidArgument("host", host, "must be a host name or an address");
    }
    if (typeof path !== "string" || !/^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/.test(path)) {
      throw invalidArgument("path", path, "must start with / and have no space, query or fragment");
    }
    this.#options = options;
    this.#host = host;
    this.#path = path;
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#handshakeTimeoutMs = checkPositive(
      "handshakeTimeoutMs",
      options.handshakeTimeoutMs ?? defaultHandshakeTimeoutMs,
    );
    this.#clock = options.clock ?? systemClock;
    this.#tls = options.tls === undefined ? undefined : checkListenerTls(options.tls);
    this.#isAllowed = checkOrigins(options);
  }

  async listen(accept: (connection: Connection) => void, options: AcceptOptions = {}): Promise<Listener> {
    const { protocols = [], admit, arrive } = options;
    const arrivals = new Arrivals(arrive);
    const admissions = new UpgradeAdmissions(admit, { clock: this.#clock, timeoutMs: this.#handshakeTimeoutMs });
    /** Who has asked for what will be a WebSocket. */
    const peers = new WeakMap<IncomingMessage, Peer>();
    const webSockets = this.#webSocketServer(checkProtocols(protocols), ({ req: request }, answer) => {
      // One that is too old for the name of the header is a browser's all the same.
      const { origin, "sec-websocket-origin": olderOrigin } = request.headers;
      if (!this.#isAllowed(origin ?? olderOrigin?.toString())) {
        arrivals.refused(request.socket, status(Code.PERMISSION_DENIED, "its origin isn't listed in origins"));
        refuseUpgrade(request.socket, 403);
        return;
      }
      const peer = upgradePeer(request);
      const grant = (principal: Principal | undefined) => {
        peers.set(request, principal === undefined ? peer : { ...peer, principal });
        answer(true);
      };
      admissions.decide(peer, request.socket, grant, (why) => arrivals.refused(request.socket, why));
    });
    const host = await this.#open(arrivals);
    const stopRouting = routeUpgrades(host.server, this.#path, (request, socket, head) => {
      if (!arrivals.takes(request.socket)) {
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        host.upgraded(request.socket);
        arrivals.settle(request.socket);
        void acceptConnection(accept, this.#connection(webSocket, peers.get(request) as Peer, socket));
      });
    });
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      if (closed === undefined) {
        stopRouting();
        admissions.close();
        closed = host.close();
      }
      return closed;
    };
    return { address: this.#address(host.server), close, [Symbol.asyncDispose]: close };
  }

  async #open(arrivals: Arrivals): Promise<Host> {
    const { server, port = 0 } = this.#options;
    if (server === undefined) {
      const host = await openHttpServer({
        host: this.#host,
        port,
        tls: this.#tls,
        address: formatUrl(this.#tls === undefined ? "ws" : "wss", this.#host, port, this.#path),
        handshakeTimeoutMs: this.#handshakeTimeoutMs,
        clock: this.#clock,
        expired: (socket) => arrivals.expire(socket, this.#handshakeTimeoutMs),
      });
      arrivals.watch(host.server);
      return host;
    }
    if (!server.listening) {
      const message = `the server for ${this.#path} isn't listening; wait for its "listening" event first`;
      throw new StatusError(Code.FAILED_PRECONDITION, message);
    }
    return { server, upgraded() {}, close: () => Promise.resolve() };
  }

  #webSocketServer(protocols: readonly string[], verifyClient: VerifyClientCallbackAsync): WebSocketServer {
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.#maxMessageBytes,
      maxFragments,
      // Without it the first protocol offered is echoed, which may be somebody's secret.
      handleProtocols: (offered: ReadonlySet<string>) =>
        protocols.find((name) => offered.has(name)) ?? (false as const),
      closeTimeout: closeTimeoutMs,
      // It is asked about requests alone that can become a WebSocket.
      verifyClient,
    };
    return new WebSocketServer(options);
  }

  #address(server: HttpServer): string {
    const address = server.address();
    // A server for HTTP/2 is no HttpsServer, and Bun's HttpsServer no TlsServer.
    const scheme = server instanceof HttpsServer || server instanceof TlsServer ? "wss" : "ws";
    if (address === null || typeof address === "string") {
      return `${scheme}+unix:${address ?? ""}:${this.#path}`;
    }
    return formatUrl(scheme, address.address, address.port, this.#path);
  }

  #connection(webSocket: WebSocket, peer: Peer, network: Duplex): Connection {
    return new WebSocketConnection(webSocket, {
      peer,
      control: (socket, connection) => new WsControl(socket, connection, { network }),
      maxMessageBytes: this.#maxMessageBytes,
      clock: this.#clock,
    });
  }
}

/** The URL to connect to. An address that stands for all of this machine's is shown as its loopback one. */
function formatUrl(scheme: string, host: string, port: number, path: string): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${scheme}://${bracket(reachable)}:${port}${path}`;
}
