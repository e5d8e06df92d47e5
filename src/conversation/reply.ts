import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { joinText, type TextPart } from "./join-text.js";

/** The reply that is being given, from its start to its end. */
export class Reply {
  #parts: TextPart[] | undefined;

  /** Begins a reply. One that is being given goes on. */
  start(): void {
    this.#parts ??= [];
  }

  /** Adds what belongs to the reply. Outside of a reply it is nobody's: what comes after an interruption, say. */
  add(part: TextPart | undefined): void {
    if (part !== undefined) {
      this.#parts?.push(part);
    }
  }

  /** Ends the reply. Returns its text, or undefined if it has none or there was no reply. */
  end(): string | undefined {
    const text = joinText(this.#parts ?? []);
    this.#parts = undefined;
    return text === "" ? undefined : text;
  }
}

/** What a frame adds to the assistant's reply, or undefined where it has no text or none for the conversation. */
export function replyText({ kind }: Frame): TextPart | undefined {
  switch (kind.case) {
    case "text":
      return part(kind.value.text, kind.value, false);
    case "llmText":
    case "visionText":
      // Models write their spaces.
      return part(kind.value.text, kind.value, true);
    case "aggregatedText":
    case "ttsText":
      // What the model wrote, where what is shown or spoken is a part of it.
      return part(kind.value.text && (kind.value.rawText || kind.value.text), kind.value, false);
    default:
      return undefined;
  }
}

function part(
  text: string,
  frame: { readonly appendToContext?: boolean | undefined; readonly includesInterFrameSpaces?: boolean | undefined },
  spaced: boolean,
): TextPart | undefined {
  return frame.appendToContext === false ? undefined : { text, spaced: frame.includesInterFrameSpaces ?? spaced };
}
