import type { BodyCase, FrameKind } from "../../src/message/types.js";

// The rules of the policy once more, written down case by case and without regard to how they are implemented: what
// tests of the policy are measured by. Nothing here may come from src/ or gen/ but types.

/** Cases that cross when they are listed. */
export const listedCases = [
  "frame",
  "endAgent",
  "cancelAgent",
  "agentError",
  "ttsSpeak",
  "flushProgress",
  "taskRequest",
  "taskResponse",
  "taskResponseUrgent",
  "taskUpdate",
  "taskUpdateUrgent",
  "taskUpdateRequest",
  "taskCancel",
  "taskStreamStart",
  "taskStreamData",
  "taskStreamEnd",
  "uiEvent",
  "uiCommand",
  "uiTaskGroupStarted",
  "uiTaskUpdate",
  "uiTaskCompleted",
  "uiTaskGroupCompleted",
] as const satisfies readonly BodyCase[];

/** Cases that can't be listed by their name. `custom` and `other` cross by the type that they carry. */
export const unlistedCases = [
  "activateAgent",
  "deactivateAgent",
  "end",
  "cancel",
  "agentRegistry",
  "agentReady",
  "custom",
  "other",
] as const satisfies readonly BodyCase[];

/** Cases that activate and deactivate. */
export const activationCases: readonly BodyCase[] = ["activateAgent", "deactivateAgent"];

/** Cases that announce agents. */
export const announcementCases: readonly BodyCase[] = ["agentRegistry", "agentReady"];

/** Cases that travel untargeted: frames, speak, UI carriers. */
export const untargetedCases: readonly BodyCase[] = [
  "frame",
  "ttsSpeak",
  "uiEvent",
  "uiCommand",
  "uiTaskGroupStarted",
  "uiTaskUpdate",
  "uiTaskCompleted",
  "uiTaskGroupCompleted",
];

/** Kinds of frames that start or end things, which "frame" doesn't stand for. */
export const lifecycleKinds = [
  "start",
  "end",
  "cancel",
  "stop",
  "endWorker",
  "stopWorker",
  "cancelWorker",
  "endTask",
  "stopTask",
  "cancelTask",
] as const satisfies readonly FrameKind[];

/** What a message says of itself. */
export interface Described {
  readonly source: string;
  readonly target: string | undefined;
  readonly case: BodyCase;
  readonly kind: FrameKind | undefined;
  readonly typeName: string | undefined;
}

/** What a proxy was told, in plain words. */
export interface Agreement {
  readonly side: "client" | "server";
  readonly local: string;
  readonly remote: string;
  /** Whether "frame" is listed. */
  readonly cases: readonly string[];
  readonly kinds: readonly string[];
  readonly customTypes: readonly string[];
  readonly pythonTypes: readonly string[];
  readonly activation: boolean;
}

/** Which rule on the content of a message it breaks, or "allow". */
function judgeContent(a: Agreement, direction: "in" | "out", m: Described): string {
  if (m.case === "frame") {
    if (m.kind === "other") {
      return a.pythonTypes.some((name) => name === m.typeName) ? "allow" : "type";
    }
    const isOrdinary = !lifecycleKinds.some((kind) => kind === m.kind);
    return (a.cases.includes("frame") && isOrdinary) || a.kinds.some((kind) => kind === m.kind) ? "allow" : "kind";
  }
  if (m.case === "custom") {
    return a.customTypes.some((name) => name === m.typeName) ? "allow" : "type";
  }
  if (m.case === "other") {
    return a.pythonTypes.some((name) => name === m.typeName) ? "allow" : "type";
  }
  if (activationCases.includes(m.case)) {
    if (!a.activation) {
      return "case";
    }
    const fromClient = (a.side === "client" && direction === "out") || (a.side === "server" && direction === "in");
    return fromClient ? "allow" : "direction";
  }
  return listedCases.some((name) => name === m.case) && a.cases.includes(m.case) ? "allow" : "case";
}

/** What the policy has to say of a message. */
export function judge(a: Agreement, direction: "in" | "out", m: Described): string {
  if (direction === "out") {
    const forRemote = m.target === a.remote;
    const forAllFromLocal = m.target === undefined && m.source === a.local && untargetedCases.includes(m.case);
    if (!forRemote && !forAllFromLocal) {
      return "ignore";
    }
    return m.source === a.local ? judgeContent(a, "out", m) : "source";
  }
  if (announcementCases.includes(m.case)) {
    return "announcement";
  }
  if (m.source !== a.remote) {
    return "source";
  }
  if (!(m.target === a.local || (m.target === undefined && untargetedCases.includes(m.case)))) {
    return "target";
  }
  return judgeContent(a, "in", m);
}

/** Where the requester of a task is told that the policy denied a message about it: the end of the task, or nobody. */
export function answersDenied(a: Agreement, m: Described): "bus" | "wire" | "nobody" {
  if (m.case === "taskRequest") {
    return m.source === "" ? "nobody" : "bus";
  }
  const isResponse = ["taskResponse", "taskResponseUrgent", "taskStreamStart", "taskStreamData", "taskStreamEnd"];
  const mayTell = isResponse.includes(m.case) && m.source === a.local && a.cases.includes("taskResponseUrgent");
  return mayTell ? "wire" : "nobody";
}
