import { type Guard, guardsOf } from "../guard.js";

/** The bounds, the lanes and the fairness of queues. */
export const queueGuards: readonly Guard[] = [
  ...guardsOf(
    "src/bus/lane-queue.ts",
    ["test/bus/lane-queue.test.ts"],
    [
      {
        find: "if (this.#length < this.#maxMessages && this.#bytes + size <= this.#maxBytes) {",
        replace: "if (this.#bytes + size <= this.#maxBytes) {",
        why: "a queue would take any number of messages",
      },
      {
        find: "if (this.#length < this.#maxMessages && this.#bytes + size <= this.#maxBytes) {",
        replace: "if (this.#length < this.#maxMessages) {",
        why: "a queue would take any number of bytes",
      },
      {
        find: "this.#length - this.#droppableCount < this.#maxMessages &&",
        replace: "",
        why: "audio would be dropped in vain, and the queue take more messages than it may",
      },
      {
        find: "this.#length - this.#droppableCount < this.#maxMessages &&\n      this.#bytes - this.#droppableBytes + size <= this.#maxBytes;",
        replace: "this.#length - this.#droppableCount < this.#maxMessages;",
        why: "audio would be dropped in vain, and the queue take more bytes than it may",
      },
      {
        find: "return droppable ? dropped : refused;",
        replace: "return refused;",
        why: "who sends audio to a full queue would get errors",
      },
      {
        find: "return droppable ? dropped : refused;",
        replace: "return dropped;",
        why: "text would be dropped",
      },
      {
        find: "const entry = this.#firstDroppable;",
        replace: "const entry = this.#first;",
        why: "the oldest messages would make room, whatever they are",
      },
      {
        find: "while (this.#length >= this.#maxMessages || this.#bytes + size > this.#maxBytes) {",
        replace: "while (true) {",
        why: "more audio would be dropped than is needed",
      },
      {
        find: "evicted.push(entry.message);",
        replace: "",
        why: "audio would be dropped in silence",
      },
      {
        find: "this.#bytes -= entry.size;",
        replace: "",
        why: "a queue would fill up with bytes that it doesn't hold any more",
      },
      {
        find: "this.#droppableBytes -= entry.size;",
        replace: "",
        why: "a queue would count on room that it hasn't",
      },
      {
        find: "this.#droppableCount--;",
        replace: "",
        why: "a queue would count on places that it hasn't",
      },
    ],
  ),
  ...guardsOf(
    "src/bus/lane-queue.ts",
    ["test/bus/lane-queue.test.ts", "test/bus/limits.test.ts"],
    [
      {
        find: "this.#length > this.#maxMessages / 2 || this.#bytes > this.#maxBytes / 2",
        replace: "this.#bytes > this.#maxBytes / 2",
        why: "who feeds a queue would not pause for many small messages",
      },
      {
        find: "this.#length > this.#maxMessages / 2 || this.#bytes > this.#maxBytes / 2",
        replace: "this.#length > this.#maxMessages / 2",
        why: "who feeds a queue would not pause for a few large messages",
      },
      {
        find: "this.#length <= this.#maxMessages / 4 && this.#bytes <= this.#maxBytes / 4",
        replace: "true",
        why: "who feeds a queue would go on at once, and pause again",
      },
    ],
  ),
  ...guardsOf(
    "src/bus/mailbox.ts",
    ["lanes", "prompt", "limits", "in-process-bus"].map((name) => `test/bus/${name}.test.ts`),
    [
      {
        find: "return this.#isPrompt(message) ? this.#promptCongested : this.#congested;",
        replace: "return this.#congested;",
        why: "what a handler awaits would wait for what is queued behind that handler",
      },
      {
        find: "      if (relieved || !this.#congested) {",
        replace: "      if (!this.#congested) {",
        why: "who waits with prompt messages would wait for all others",
      },
      {
        find: "const system = local ? message.isSystem : isSystem(message);",
        replace: "const system = local ? message.isSystem : false;",
        why: "a cancel would wait behind data",
      },
      {
        find: "const system = local ? message.isSystem : isSystem(message);",
        replace: "const system = local ? false : isSystem(message);",
        why: "a message with live references would wait behind data",
      },
      {
        find: "const system = local ? message.isSystem : isSystem(message);",
        replace: "const system = local || isSystem(message);",
        why: "what an agent tells itself to be told behind data would overtake it",
      },
      {
        find: "this.subscriber.isPrompt?.(message) === true",
        replace: "false",
        why: "a handler that awaits the answer to its own request would wait for ever",
      },
      {
        find: "    if (this.#promptLength > 0) {\n      return true;\n    }\n",
        replace: "",
        why: "a prompt message would wait for the handler that awaits it",
      },
      {
        find: "this.#prompt.system.length + this.#prompt.data.length",
        replace: "this.#prompt.system.length",
        why: "prompt data messages would not be delivered while nothing else is",
      },
      {
        find: "const urgent = this.#prompt?.system.shift();",
        replace: "const urgent = this.#data.length > 0 ? undefined : this.#prompt?.system.shift();",
        why: "prompt system messages would wait for queued data messages",
      },
      {
        find: "    this.#call(message)?.catch((error: unknown) => this.#events.failed(this.subscriber, message, error));",
        replace: "    void this.#call(message);",
        why: "a handler that rejects a prompt message would end the process",
      },
      {
        find: "(this.#prompt.system.low && this.#prompt.data.low)",
        replace: "false",
        why: "who paused for a queue that once had prompt messages would wait for ever",
      },
      {
        find: "lane.offer(message, size, !local && isDroppable(message))",
        replace: "lane.offer(message, size, true)",
        why: "messages other than audio would be dropped",
      },
      {
        find: "lane.offer(message, size, !local && isDroppable(message))",
        replace: "lane.offer(message, size, false)",
        why: "old audio would not make room",
      },
      {
        find: "const system = this.#systemBusy ? undefined : this.#system.shift();",
        replace:
          "const system = this.#systemBusy || (this.#data.length > 0 && !this.#dataBusy) ? undefined : this.#system.shift();",
        why: "system messages would wait for queued data messages",
      },
      {
        find: "    if (this.#systemBusy) {\n      return false;\n    }\n",
        replace: "",
        why: "two system messages would be handled at the same time",
      },
      {
        find: "if (this.#closed) {",
        replace: "if (false) {",
        why: "a subscriber that is gone would get what waited for it",
      },
      {
        find: "this.#system.length > 0 || (!this.#dataBusy && this.#data.length > 0)",
        replace: "this.#system.length > 0 || this.#data.length > 0",
        why: "two data messages would be handled at the same time",
      },
      {
        find: "return this.#system.length > 0 || (!this.#dataBusy && this.#data.length > 0);",
        replace: "return !this.#dataBusy && (this.#system.length > 0 || this.#data.length > 0);",
        why: "a cancel could not interrupt a data message that is being handled",
      },
      {
        find: "this.#setBusy(system, true);",
        replace: "",
        why: "messages would not wait for the handler of the one before",
      },
      {
        find: "      if (lane.high) {",
        replace: "if (false) {",
        why: "a full queue would never be called congested",
      },
      {
        find: "    if (this.#congested && this.#promptLow) {",
        replace: "if (false) {",
        why: "who paused for a congested queue would wait for ever",
      },
      {
        find: "      this.#events.failed(this.subscriber, message, error);\n      return undefined;",
        replace: "      throw error;",
        why: "a handler that throws would keep others from their messages",
      },
      {
        find: "      .catch((error: unknown) => this.#events.failed(this.subscriber, message, error))\n",
        replace: "",
        why: "a handler that rejects would end the process",
      },
      {
        find: "        this.#setBusy(system, false);\n        if (this.runnable) {",
        replace: "        this.#setBusy(system, false);\n        if (false) {",
        why: "a queue would stop behind a handler that takes its time",
      },
    ],
  ),
  ...guardsOf(
    "src/bus/scheduler.ts",
    ["test/bus/scheduler.test.ts"],
    [
      {
        find: "soon(this.#run);",
        replace: "this.#run();",
        why: "messages would be delivered within the call that sends them",
      },
      {
        find: "if (deliverer.isScheduled) {",
        replace: "if (false) {",
        why: "those that are to run would be lost when one of them is scheduled twice",
      },
      {
        find: "deliverer.deliver(quantum)",
        replace: "deliverer.deliver(turnBudget)",
        why: "one subscriber with many messages would keep others waiting",
      },
      {
        find: "const turnBudget = 1_000;",
        replace: "const turnBudget = 1_000_000;",
        why: "agents that answer each other would keep input and timers waiting",
      },
      {
        find: "if (this.#spent >= turnBudget) {",
        replace: "if (false) {",
        why: "busy subscribers would not let go of a turn of the event loop",
      },
      {
        find: "nextTurn(this.#run);",
        replace: "",
        why: "deliveries would not go on in the next turn",
      },
      {
        find: "        throwApart(error);",
        replace: "        throw error;",
        why: "a logger that throws would end all deliveries",
      },
    ],
  ),
];
