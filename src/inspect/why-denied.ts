import { show } from "../base/status.js";
import type { DenyRule } from "../proxy/policy.js";
import type { MessageFacts } from "./tap-record.js";

/** Says in a sentence why a policy denied a message. */
export function whyDenied(rule: DenyRule, { case: kase, kind, typeName, source, target }: MessageFacts): string {
  switch (rule) {
    case "source":
      return `${show(source)} isn't the agent that may send over this bridge.`;
    case "target":
      return target === undefined
        ? `A message of case ${show(kase)} may not cross without a target.`
        : `${show(target)} isn't the agent that may be reached over this bridge.`;
    case "case":
      return `forwardMessages has no entry for messages of case ${show(kase)}.`;
    case "kind":
      return `forwardMessages has no entry for frames of kind ${show(kind ?? "unknown")}.`;
    case "type":
      return `forwardMessages has no entry for the type ${show(typeName ?? "")}.`;
    case "direction":
      return `A message of case ${show(kase)} crosses in the other direction only.`;
    case "provenance":
      return "The message came over this very link, and doesn't go back as it is.";
    case "local":
      return "The message carries live references, which can't leave the process.";
    case "announcement":
      return "It announces an agent that isn't the remote agent of this bridge.";
    case "peer":
      return "The peer has said that it doesn't take this.";
  }
}
