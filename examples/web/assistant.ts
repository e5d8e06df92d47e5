import { Direction, type Frame, type FrameContext, frame, toJs } from "crossbus";
import { AcmeAssistant } from "../remote-assistant/acme-assistant.js";

/** The assistant of the Acme shop, which also says again what it hears, if it was asked to. */
export class EchoingAssistant extends AcmeAssistant {
  #echoes = false;

  protected override onFrame(received: Frame, direction: Direction, context: FrameContext): void | Promise<void> {
    const { kind } = received;
    switch (kind.case) {
      case "inputTransportMessage":
        this.#echoes = (toJs(kind.value.message) as { echo?: unknown } | null)?.echo === true;
        return;
      case "inputAudioRaw":
        // Nothing here understands speech: the audio goes no further, unless back.
        if (this.#echoes) {
          const { audio, sampleRate, numChannels } = kind.value;
          this.pushFrame(frame("outputAudioRaw", { audio, sampleRate, numChannels }), Direction.DOWNSTREAM);
        }
        return;
      default:
        return super.onFrame(received, direction, context);
    }
  }
}
