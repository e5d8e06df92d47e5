import { type AgentInfo, busMessage, Direction, type Frame, frame } from "crossbus";
import { Customer } from "../../remote-assistant/customer.js";
import { bytesOf, sampleRate } from "./pcm.js";

/** The agent "acme" of the page: a customer who can also be heard, and hears what comes back. */
export class PageAgent extends Customer {
  #echoes = false;
  readonly #play: (pcm: Uint8Array, sampleRate: number) => void;

  constructor(name: string, play: (pcm: Uint8Array, sampleRate: number) => void) {
    super(name);
    this.#play = play;
  }

  /** Sends what the microphone has recorded. */
  hear(samples: Int16Array): void {
    const audio = bytesOf(samples);
    this.#send(frame("inputAudioRaw", { audio, sampleRate, numChannels: 1, numFrames: samples.length }));
  }

  /** Asks the assistant to send back what it hears, or to stop; and again whenever there is a new one. */
  askForEcho(echo: boolean): void {
    this.#echoes = echo;
    this.#send(frame("inputTransportMessage", { message: { type: "echo", echo } }));
  }

  protected override onAgentReady(agent: AgentInfo): void {
    super.onAgentReady(agent);
    if (this.#echoes) {
      this.askForEcho(true);
    }
  }

  protected override onBridgeFrame(received: Frame, direction: Direction): void {
    const { kind } = received;
    // A pipeline that does nothing with audio passes it on, and so back: Pipecat's do.
    if (kind.case === "outputAudioRaw" || kind.case === "ttsAudioRaw" || kind.case === "inputAudioRaw") {
      if (kind.case !== "inputAudioRaw" || this.#echoes) {
        this.#play(kind.value.audio, kind.value.sampleRate ?? sampleRate);
      }
      return;
    }
    super.onBridgeFrame(received, direction);
  }

  #send(sent: Frame): void {
    this.send(busMessage("frame", { frame: sent, direction: Direction.DOWNSTREAM }, { target: "assistant" }));
  }
}
