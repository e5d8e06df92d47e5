import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Authenticate, Credential } from "../../src/auth/authenticate.js";
import type { Clock } from "../../src/base/clock.js";
import { silentLogger } from "../../src/base/logger.js";
import type { Status } from "../../src/base/status.js";
import type { LinkConsumer, Offer } from "../../src/link/link.js";
import { openResumableLink } from "../../src/link/resumable/client.js";
import { linkProtocol } from "../../src/link/resumable/limits.js";
import { checkResumable, type ResumableOptions } from "../../src/link/resumable/options.js";
import { shutdownStatus } from "../../src/link/resumable/reset.js";
import type { ResumableLink } from "../../src/link/resumable/resumable-link.js";
import { ResumableServer } from "../../src/link/resumable/server.js";
import { busMessage, frame } from "../../src/message/build.js";
import { ClientLimits } from "../../src/proxy/limits/client-limits.js";
import type { Connection, Listener, ServerTransport, Transport } from "../../src/transport/transport.js";
import { unlimited } from "./unlimited.js";

/** What the ends of a pair are told. */
export interface PairOptions {
  readonly clock: Clock;
  /** What the client connects with, and what the server listens on. */
  readonly client: Transport;
  readonly server: ServerTransport;
  readonly clientOptions?: ResumableOptions & {
    readonly maxMessageBytes?: number;
    readonly maxAttempts?: number | false;
  };
  readonly serverOptions?: ResumableOptions & { readonly maxMessageBytes?: number };
  readonly heartbeatMs?: number;
  readonly graceMs?: number;
  readonly authenticate?: Authenticate;
  readonly credential?: () => Credential | undefined | Promise<Credential | undefined>;
  readonly renewalFailed?: (why: Status) => void;
}

/** One end of a link, and what happened there. */
export class End implements LinkConsumer {
  readonly pythonTypes = new Set<string>();
  readonly offer?: Offer;
  /** What arrived, as `textOf` reads it. */
  readonly arrived: string[] = [];
  readonly undeliveredTexts: [string, Status][] = [];
  readonly invalids: string[] = [];
  readonly events: string[] = [];
  ended: Status | undefined;
  readonly link: ResumableLink;

  constructor(link: ResumableLink) {
    this.link = link;
    void link.closed.then((why) => {
      this.ended = why;
    });
    link.receive(this);
  }

  message(incoming: { decode(): BusMessage | undefined }): void {
    const message = incoming.decode();
    if (message !== undefined) {
      this.arrived.push(textOf(message));
    }
  }

  invalid(reason: string): void {
    this.invalids.push(reason);
  }

  undelivered(message: BusMessage, why: Status): void {
    this.undeliveredTexts.push([textOf(message), why]);
  }

  suspended(): void {
    this.events.push("suspended");
  }

  resumed(): void {
    this.events.push("resumed");
  }
}

/** A client and a server that links are made between, with nothing above them. */
export class LinkPair {
  readonly options: PairOptions;
  /** The server's ends of the links, in the order in which sessions began. */
  readonly served: End[] = [];
  server!: ResumableServer;
  #listener!: Listener;

  private constructor(options: PairOptions) {
    this.options = options;
  }

  static async listen(options: PairOptions): Promise<LinkPair> {
    const pair = new LinkPair(options);
    await pair.start();
    return pair;
  }

  /** Starts a server, which knows nothing of one before. */
  async start(): Promise<void> {
    const { clock, server, serverOptions = {}, heartbeatMs = 5_000, graceMs = 30_000, authenticate } = this.options;
    const own = new ResumableServer({
      ...checkResumable(serverOptions),
      clock,
      maxMessageBytes: serverOptions.maxMessageBytes ?? 1_048_576,
      heartbeatMs,
      graceMs,
      authenticate,
      accept: (link) => void this.served.push(new End(link)),
    });
    this.server = own;
    const limits = new ClientLimits({ ...unlimited, maxPending: undefined }, { clock, logger: silentLogger });
    const accept = (inner: Connection) => {
      const admitted = limits.admit(inner);
      if (admitted !== undefined) {
        own.connected(admitted.connection, admitted.settled);
      }
    };
    this.#listener = await server.listen(accept, { protocols: [linkProtocol] });
  }

  /** Opens a link. Rejects with what the first attempt rejects with. */
  async connect(signal: AbortSignal = new AbortController().signal): Promise<End> {
    const { clock, client, clientOptions = {}, credential, renewalFailed } = this.options;
    const link = await openResumableLink(
      {
        ...checkResumable(clientOptions),
        transport: client,
        clock,
        maxMessageBytes: clientOptions.maxMessageBytes ?? 1_048_576,
        maxAttempts: clientOptions.maxAttempts ?? Number.POSITIVE_INFINITY,
        credential,
        ...(renewalFailed === undefined ? {} : { renewalFailed }),
      },
      signal,
    );
    return new End(link);
  }

  /** Stops listening, as a server that is killed does: sessions end without a word. */
  async stop(): Promise<void> {
    await this.#listener.close();
    this.server.close(shutdownStatus());
  }
}

/** A data message. */
export function dataMessage(text: string): BusMessage {
  return busMessage("ttsSpeak", { text }, { source: "a", target: "b" });
}

/** A system message. */
export function systemMessage(text: string): BusMessage {
  return busMessage("taskCancel", { taskId: text }, { source: "a", target: "b" });
}

/** A message that a full queue may drop, and that isn't worth sending for long. */
export function audioMessage(text: string): BusMessage {
  const audio = new TextEncoder().encode(text);
  const content = {
    frame: frame("inputAudioRaw", { audio, sampleRate: 16_000, numChannels: 1 }),
    direction: Direction.DOWNSTREAM,
  };
  return busMessage("frame", content, { source: "a", target: "b" });
}

/** The text of one of these messages. */
function textOf({ body }: BusMessage): string {
  switch (body.case) {
    case "ttsSpeak":
      return body.value.text;
    case "taskCancel":
      return body.value.taskId;
    case "frame": {
      const kind = body.value.frame?.kind;
      return kind?.case === "inputAudioRaw" ? new TextDecoder().decode(kind.value.audio) : "";
    }
    default:
      return "";
  }
}
