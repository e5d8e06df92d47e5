import { type Guard, guardsOf } from "../guard.js";

const tests = ["llm-agent", "tool-calls", "prompt"].map((name) => `test/llm/${name}.test.ts`);

/** That every call of a tool ends once, that an interruption stops what is to stop, and that nothing is fetched. */
export const llmGuards: readonly Guard[] = [
  ...guardsOf("src/llm/llm-agent.ts", tests, [
    {
      find: "experimental_download: async (wanted) => wanted.map(refuseToDownload),",
      replace: "",
      why: "a peer could have the agent fetch any address",
    },
    {
      find: "for await (const part of untilAborted(fullStream, signal)) {",
      replace: "for await (const part of fullStream) {",
      why: "an interruption would wait for a model that doesn't listen",
    },
    {
      find: "this.#toolCalls.interrupt();",
      replace: "",
      why: "tools would go on after an interruption",
    },
    {
      find: "    if (this.#toolCalls.active) {\n      this.#deferred.push({ frame: queued, direction });\n    } else {",
      replace: "    {",
      why: "frames of tools would get between the model's words",
    },
    {
      find: "frames = checkQueued(this.processDeferredToolFrames(held));",
      replace: "frames = []; frames = checkQueued(this.processDeferredToolFrames(held));",
      why: "frames would be lost where that hook throws",
    },
    {
      find: "          await this.#relief(signal);",
      replace: "",
      why: "a fast model could fill the queue of whoever listens, and the end of its reply be lost",
    },
    {
      find: "frames = checkQueued(this.processDeferredToolFrames(held));",
      replace: "frames = this.processDeferredToolFrames(held);",
      why: "an override that returns nothing would lose the frames, and the hand-off behind them",
    },
    {
      find: 'this.pushFrame(frame("error", { error: toWellFormed(text) }), Direction.UPSTREAM);',
      replace: 'this.pushFrame(frame("error", { error: text }), Direction.UPSTREAM);',
      why: "an error in odd text would not be told",
    },
    {
      find: "    if (this.#toolCalls.active) {\n      this.#afterTools.push(action);\n    } else {\n      action();\n    }",
      replace: "    action();",
      why: "a hand-off would end the agent's turn in the middle of a tool",
    },
    {
      find: "    super.endTasks();\n    this.#toolCalls.close();",
      replace: "    super.endTasks();",
      why: "tools would go on when their agent has ended",
    },
    {
      find: "      } finally {\n        // What was announced has to end with a result.\n        runCalls();\n      }",
      replace: "      } finally {\n      }\n      runCalls();",
      why: "calls that were announced would never have a result",
    },
    {
      find: "if (calls.length > 0 && !signal.aborted) {",
      replace: "if (calls.length > 0) {",
      why: "the calls of an answer that was interrupted would be run",
    },
    {
      find: "this.pushFrame(up, Direction.UPSTREAM);",
      replace: "",
      why: "who listens upstream would not learn of function calls",
    },
    {
      find: "down.id = up.broadcastSiblingId = ++lastFrameId;",
      replace: "down.id = ++lastFrameId;",
      why: "a frame that goes both ways would count twice",
    },
  ]),
  ...guardsOf("src/llm/tool-calls.ts", tests, [
    {
      find: "throw refusal;",
      replace: "void refusal;",
      why: "a tool would be called with arguments that don't fit",
    },
    {
      find: "    // What a tool throws that was told to stop is no news.\n    if (this.#running.has(call)) {",
      replace: "    {",
      why: "a cancelled tool would be reported as failed",
    },
    {
      find: "    if (this.#running.has(call)) {\n      if (!this.#result(call, result)) {",
      replace: "    {\n      if (!this.#result(call, result)) {",
      why: "a call that was cancelled would have a result after all",
    },
    {
      find: "    } finally {\n      stopTimer();\n    }",
      replace: "    }",
      why: "a timer would outlive its call",
    },
    {
      find: 'aborter.signal.addEventListener("abort", stopTimer, { once: true });',
      replace: "",
      why: "a timer would outlive a call that was cancelled",
    },
    {
      find: "          await this.#owner.relief(aborter.signal);",
      replace: "",
      why: "a tool that tells much could fill the queue, and its result be lost",
    },
    {
      find: "if (!this.#result(call, result)) {",
      replace: "if (!this.#result(call, result) && (false as boolean)) {",
      why: "a call whose result can't be sent would have none",
    },
    {
      find: "const toolCallId = ids.has(id) ?",
      replace: "const toolCallId = !ids ?",
      why: "two calls of one id would be one in the conversation",
    },
    {
      find: "call.aborter.abort(why);",
      replace: "",
      why: "a cancelled tool would go on",
    },
    {
      find: "if (call.registered?.cancelOnInterruption !== false) {",
      replace: "{",
      why: "an interruption would cancel what runs in the background",
    },
    {
      find: "await outputs.return?.();",
      replace: "",
      why: "a generator that was cancelled could not clean up",
    },
  ]),
  ...guardsOf("src/llm/toolbox.ts", tests, [
    {
      find: "if (tool.needsApproval !== undefined && tool.needsApproval !== false) {",
      replace: "if (false as boolean) {",
      why: "a tool that needs approval would be run without it",
    },
  ]),
  ...guardsOf("src/llm/prompt.ts", tests, [
    {
      find: "      if (place > from) {",
      replace: "      {",
      why: "a result before its call would keep the model from ever answering",
    },
    {
      find: 'typeof toolName === "string" && hasTool(toolName)',
      replace: 'typeof toolName === "string"',
      why: "a model would be told to use a tool that there isn't",
    },
  ]),
];
