import { invalidArgument } from "../base/status.js";
import { checkDialect, type DialectOptions } from "../codec/dialect.js";
import { checkMaxMessageBytes } from "../link/check-max-message-bytes.js";
import { maxFrameBytes } from "../link/resumable/limits.js";
import { type CheckedResumableOptions, checkResumable, type ResumableOptions } from "../link/resumable/options.js";

/** The options of either sort of link, and those that a plain link can't keep. */
type LinkOptions = DialectOptions & ResumableOptions & { readonly credential?: unknown };

/**
 * Checks what is said about links, and gives what is said about a resumable one; undefined for a plain one. Throws
 * INVALID_ARGUMENT for an option that doesn't go with the sort of link: what it promises would not be kept.
 */
export function checkLinkOptions(options: LinkOptions): CheckedResumableOptions | undefined {
  if (options.dialect === undefined) {
    if (options.peerVersion !== undefined) {
      throw invalidArgument("peerVersion", options.peerVersion, "must be left out without a dialect");
    }
    return checkResumable(options);
  }
  checkDialect(options);
  for (const name of ["buffer", "timeToLive", "credential"] as const) {
    if (options[name] !== undefined) {
      throw invalidArgument(name, options[name], "is for resumable links, and must be left out with a dialect");
    }
  }
  return undefined;
}

/** What a transport is told: on a resumable link a message of its own is a frame, whose size is fixed. */
export function transportOptions<T extends DialectOptions & { readonly maxMessageBytes?: number }>(options: T): T {
  if (options.dialect !== undefined) {
    return options;
  }
  checkMaxMessageBytes(options.maxMessageBytes);
  return { ...options, maxMessageBytes: maxFrameBytes };
}
