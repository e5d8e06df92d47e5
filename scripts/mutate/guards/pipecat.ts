import { type Guard, guardsOf } from "../guard.js";

const folder = "src/codec/pipecat/";
const tests = ["test/codec/pipecat/json-codec.test.ts", "test/codec/pipecat/losses.test.ts"];
const ofJson = ["test/codec/pipecat/json.test.ts"];

/** What the JSON of a Pipecat peer may say, and what may be said to it. */
export const pipecatGuards: readonly Guard[] = [
  ...guardsOf(`${folder}read-json.ts`, ofJson, [
    {
      find: "if (depth > MAX_DEPTH) {",
      replace: "if (false) {",
      why: "a peer could have the stack overflow",
    },
    {
      find: "if (countDigits(text) > MAX_DIGITS) {",
      replace: "if (false) {",
      why: "a peer could send integers that Python refuses, and that take long to read",
    },
    {
      find: "entries.some(([name]) => name === key)",
      replace: "false",
      why: "a key that occurs twice would be read in one way here and in another there",
    },
    {
      find: "keys?.add(",
      replace: "keys?.has(",
      why: "a key that occurs twice far behind would be overlooked",
    },
    {
      find: "if (!isWellFormed(text)) {",
      replace: "if (false) {",
      why: "text that is no Unicode would reach the bus",
    },
    {
      find: "if (this.#next() !== endOfText) {",
      replace: "if (false) {",
      why: "what follows a message would be passed over",
    },
    {
      find: "if (this.#scanner.getTokenError() !== noError) {",
      replace: "if (false) {",
      why: "text that Python can't read would be read",
    },
  ]),
  ...guardsOf(`${folder}write-json.ts`, ofJson, [
    {
      find: "if (countDigits(text) > MAX_DIGITS) {",
      replace: "if (false) {",
      why: "Python would lose the message",
    },
    {
      find: "/[.e]/.test(text) ?",
      replace: "true ?",
      why: "3.0 would become 3",
    },
  ]),
  ...guardsOf(`${folder}json-values.ts`, tests, [
    {
      find: 'if (typeof className !== "string" || className === "" || json.entries.length !== 2) {',
      replace: 'if (typeof className !== "string" || className === "") {',
      why: "what is an object to Python alone would be taken for data",
    },
    {
      find: "rules.checkKnown(typed.className, formatPath(path));",
      replace: "",
      why: "classes that nobody listed would come in",
    },
    {
      find: "rules.checkKnown(typeName, formatPath(path));",
      replace: "",
      why: "Python would import what nobody listed",
    },
    {
      find: "rules.checkPeerHas(typeName);",
      replace: "",
      why: "a peer would be sent a class within a value that its release lacks",
    },
    {
      find: "if (typeName === BYTES) {",
      replace: "if (false) {",
      why: "text could pass for bytes",
    },
    {
      find: "if (json.get(TYPE) !== undefined && json.get(DATA) !== undefined) {",
      replace: "if (false) {",
      why: "user data could have Python import any module",
    },
    {
      find: "if (level > MAX_LEVELS) {",
      replace: "if (false) {",
      why: "a message would come in that could not go out",
    },
    {
      find: "if ((message.$unknown?.length ?? 0) > 0) {",
      replace: "if (false) {",
      why: "what a newer Crossbus peer sent would be lost in silence",
    },
    {
      find: "if (kind.value.length > MAX_BIG_INT_BYTES) {",
      replace: "if (false) {",
      why: "a big integer would take long, only to be refused",
    },
    {
      find: "typed.data.length % 4 !== 0 || ",
      replace: "",
      why: "bytes would be read that are cut short",
    },
  ]),
  ...guardsOf(`${folder}message-from-json.ts`, tests, [
    {
      find: 'if (key.startsWith("_")) {',
      replace: "if (false) {",
      why: "a peer could name what Python gives a meaning of its own",
    },
    {
      find: "if (required < fields.required.length) {",
      replace: "if (false) {",
      why: "half a message would reach the bus",
    },
    {
      find: "typed === undefined || (typed.className !== expected && typed.className !== moved)",
      replace: "typed === undefined",
      why: "one class would be taken for another",
    },
    {
      find: "(value) => value.number !== 0 && ",
      replace: "(value) => ",
      why: "the zero of an enumeration could come in, which Python doesn't have",
    },
  ]),
  ...guardsOf(`${folder}message-to-json.ts`, tests, [
    {
      find: "if (members.some(([other]) => other === name)) {",
      replace: "if (false) {",
      why: "one key would be written twice, of which Python takes the last",
    },
    {
      find: "if (field.message === valueType && json instanceof JsonObject) {",
      replace: "if (false) {",
      why: "plain tools could pass for tools of a class",
    },
    {
      find: "} else if (isRequired) {",
      replace: "} else if (false) {",
      why: "a Python peer would be sent what it fails to construct",
    },
    {
      find: "if (isKnown || isRefused(key)) {",
      replace: "if (isRefused(key)) {",
      why: "an extra could say another source than the policy saw",
    },
    {
      find: "if (isKnown || isRefused(key)) {",
      replace: "if (isKnown) {",
      why: "an extra could set what Python gives a meaning of its own",
    },
    {
      find: "tools.customTools !== undefined || ",
      replace: "",
      why: "custom tools would be lost in silence",
    },
    {
      find: "return rules.peerHas(moved) ? moved : first;",
      replace: "return moved;",
      why: "a peer would be sent a class where its release doesn't have it",
    },
  ]),
  ...guardsOf(`${folder}bus-message-from-json.ts`, tests, [
    {
      find: "if (rules.classes.all.has(className)) {",
      replace: "if (false) {",
      why: "a class of the schema could come in past the policy's list",
    },
    {
      find: "rules.checkKnown(className, path);",
      replace: "",
      why: "messages of classes that nobody listed would come in",
    },
  ]),
  ...guardsOf(`${folder}bus-message-to-json.ts`, tests, [
    {
      find: "if (rules.classes.all.has(className)) {",
      replace: "if (false) {",
      why: "an end of the session could go out as a class that is kept whole",
    },
    {
      find: "  rules.checkPeerHas(className);\n  const desc = oneofCase(frameType",
      replace: "  const desc = oneofCase(frameType",
      why: "a frame without a class there would crash the peer",
    },
  ]),
  ...guardsOf(`${folder}json-codec.ts`, tests, [
    {
      find: "if (last?.bytes !== bytes) {",
      replace: "if (last === undefined) {",
      why: "one message would be decoded for another",
    },
    {
      find: "if (problem !== undefined) {",
      replace: "if (false) {",
      why: "JSON that says two things would be taken at one of them",
    },
  ]),
];
