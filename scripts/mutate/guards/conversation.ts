import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/conversation/conversation.test.ts", "test/conversation/conversation-recorded.test.ts"];

/** How a conversation is kept as Pipecat keeps it. */
export const conversationGuards: readonly Guard[] = [
  ...guardsOf("src/conversation/function-calls.ts", tests, [
    {
      find: "if (isCall(call)) {\n        this.#calls.set",
      replace: "if (false) {\n        this.#calls.set",
      why: "a call that runs before its announcement is there would not wait for the others",
    },
    {
      find: "properties?.runLlm ?? frame.runLlm ??",
      replace: "frame.runLlm ?? properties?.runLlm ??",
      why: "a tool could not say whether its result is for the model to answer",
    },
    {
      find: "if (call !== undefined) {",
      replace: "if (false) {",
      why: "a call that was cancelled before it began would never be settled",
    },
    {
      find: "|| announcement.waiting.size === 0",
      replace: "|| true",
      why: "functions that take no time would run the model once each",
    },
    {
      find: "|| this.#pay(call)",
      replace: "",
      why: "a result that was put off for one that says nothing would never be answered",
    },
    {
      find: "} else if (!this.#unannounced.has(toolCallId)) {",
      replace: "} else {",
      why: "the model would wait for a call that has ended before its announcement came",
    },
    {
      find: "announcement?.waiting.clear();",
      replace: "",
      why: "the model would wait for a call that an interruption has kept from beginning",
    },
    {
      find: "call.waiting.delete(id);",
      replace: "",
      why: "the model would wait for a call that was cancelled before it began",
    },
    {
      find: "return runLlm === true && !this.#hasSiblings(call);",
      replace: "return runLlm === true;",
      why: "the model would run before all results are there",
    },
    {
      find: 'groupId === "" ? undefined : groupId',
      replace: "groupId",
      why: "calls without a group would wait for each other",
    },
  ]),
  ...guardsOf("src/conversation/run-gate.ts", tests, [
    {
      find: "this.#owed ||= asked;\n    if (this.#owed)",
      replace: "if (asked)",
      why: "an answer that was put off while somebody spoke would never come",
    },
    {
      find: "|| this.#userSpeaks",
      replace: "",
      why: "the model would run while the user speaks",
    },
  ]),
  ...guardsOf("src/conversation/conversation.ts", tests, [
    {
      find: "(direction !== Direction.UPSTREAM && this.#record(frame))",
      replace: "this.#record(frame)",
      why: "what is broadcast would be recorded twice",
    },
    {
      find: "const back = upstream ? Direction.DOWNSTREAM : Direction.UPSTREAM;",
      replace: "const back = Direction.DOWNSTREAM;",
      why: "the context would go where the assistant doesn't wait for it",
    },
    {
      find: "this.#endReply(true);\n        this.#gate.clear();",
      replace: "this.#gate.clear();",
      why: "what was said before an interruption would be forgotten",
    },
  ]),
  ...guardsOf("src/conversation/reply.ts", tests, [
    {
      find: "frame.appendToContext === false ? undefined :",
      replace: "",
      why: "text that is not for the conversation would be part of it",
    },
  ]),
];
