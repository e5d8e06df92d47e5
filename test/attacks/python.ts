import type { Edit } from "../../scripts/mutate/guard.js";
import { type Attack, attack, speaks } from "./attack.js";
import { frameJson, type JsonPeer, messageJson, textJson } from "./support/json-peer.js";
import { Opcode } from "./support/raw-web-socket.js";

const folder = "src/codec/pipecat";
const anyClass: Edit = {
  file: `${folder}/type-rules.ts`,
  find: "return this.classes.all.has(className) || this.isListed(className);",
  replace: "return true;",
};

/** JSON that says more than it seems to: a success when a Python peer gets to see `seen` in what comes back. */
function smuggling(
  name: string,
  {
    against,
    sends,
    seen,
    defence,
  }: {
    against: string;
    sends: string | ((peer: JsonPeer) => void);
    seen: string;
    defence: Edit | readonly Edit[];
  },
): Attack {
  return attack(name, {
    against,
    server: speaks.pipecat,
    async attack(target) {
      const peer = await target.json();
      await peer.goesOn();
      if (typeof sends === "string") {
        peer.send(sends);
      } else {
        sends(peer);
      }
      await peer.goesOn();
      return peer.has(seen);
    },
    succeeded: (hasSeen) => hasSeen,
    defence,
  });
}

/** What is meant for the Python peer at the other end, which imports whatever class a message names. */
export const pythonAttacks: readonly Attack[] = [
  smuggling("a frame of a class that Python would import", {
    against: "W8: the name of a type selects code",
    sends: frameJson('{"__type__":"subprocess.Popen","__data__":{"args":["touch","/tmp/pwned"]}}'),
    seen: "subprocess.Popen",
    defence: [
      anyClass,
      {
        file: "src/proxy/policy.ts",
        find: 'return this.pythonTypes.has(typeName) ? "allow" : "type";',
        replace: 'return "allow";',
      },
    ],
  }),
  smuggling("a class that Python would import, deep within a payload", {
    against: "W8, W15: `__type__` and `__data__` are smuggled in user data",
    sends: textJson("x", { frame: ',"extra_thing":{"a":[{"__type__":"os.system","__data__":"id"}]}' }),
    seen: "os.system",
    defence: anyClass,
  }),
  smuggling("an attribute that Python has a use for", {
    against: "W8: arbitrary attributes are set; `extra` keys that collide",
    sends: textJson("x", { frame: ',"__class__":"evil"' }),
    seen: "__class__",
    defence: [
      { file: `${folder}/message-from-json.ts`, find: 'if (key.startsWith("_")) {', replace: "if (false) {" },
      { file: `${folder}/message-to-json.ts`, find: '(key) => key.startsWith("_"));', replace: "() => false);" },
    ],
  }),
  smuggling("an object with a class and more", {
    against: "W15: parser differentials: Python looks for the two keys alone",
    sends: frameJson(
      '{"__type__":"pipecat.frames.frames.TextFrame","__data__":{"text":"with a sibling"},"sibling":{"text":"other"}}',
    ),
    seen: "with a sibling",
    defence: { file: `${folder}/json-values.ts`, find: " || json.entries.length !== 2", replace: "" },
  }),
  smuggling("a key that occurs twice in JSON", {
    against: "W15: duplicate keys are accepted, and the last one wins",
    sends: textJson("first", { frame: ',"text":"second"' }),
    seen: "second",
    defence: {
      file: `${folder}/read-json.ts`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the source.
      find: "this.#problem ??= `the key ${show(key)} occurs twice`;",
      replace: "",
    },
  }),
  smuggling("comments in JSON", {
    against: "parser differentials: not everybody reads them",
    sends: textJson("commented", { message: '/* "source":"third" */' }),
    seen: "commented",
    defence: {
      file: `${folder}/read-json.ts`,
      find: "while (token === space || token === lineBreak);",
      replace:
        "while (token === space || token === lineBreak || (token as number) === 12 || (token as number) === 13);",
    },
  }),
  smuggling("bytes in another alphabet", {
    against: "parser differentials: Python passes over what it doesn't know in base64",
    sends: textJson("encoded", { frame: ',"extra_thing":{"__type__":"bytes","__data__":"_-_-"}' }),
    seen: "encoded",
    defence: { file: `${folder}/json-values.ts`, find: " || !BASE64.test(typed.data)", replace: "" },
  }),
  smuggling("JSON that isn't UTF-8", {
    against: "bad UTF-8: what one replaces the other refuses",
    sends: (peer) => {
      const bytes = Buffer.from(textJson("bad ~ text"));
      bytes[bytes.indexOf("~")] = 0xff;
      peer.webSocket.frame(Opcode.binary, bytes);
    },
    seen: "bad \ufffd text",
    defence: { file: `${folder}/read-json.ts`, find: "fatal: true", replace: "fatal: false" },
  }),
  attack("an agent to be added to the runner", {
    against: "W7: live references are only looked for on the way out",
    server: speaks.pipecat,
    async attack(target) {
      const peer = await target.json();
      const worker = '{"__type__":"builtins.object","__data__":{}}';
      const members = `"source":"acme","target":"assistant","worker":${worker}`;
      peer.send(messageJson("pipecat.bus.messages.BusAddWorkerMessage", members));
      await peer.goesOn();
      return target.log();
    },
    // What isn't refused was put on the bus.
    succeeded: (log) => !log.includes("rule type"),
    defence: [
      anyClass,
      {
        file: "src/proxy/policy.ts",
        find: 'return this.pythonTypes.has(typeName) ? "allow" : "type";',
        replace: 'return "allow";',
      },
    ],
  }),
  attack("NaN where an integer is due", {
    against: "W15: NaN is accepted",
    server: speaks.pipecat,
    async attack(target) {
      const peer = await target.json();
      peer.send(textJson("not a number", { frame: ',"pts":NaN' }));
      await peer.goesOn();
      return peer.has("not a number") || (await target.log()).includes("not delivered");
    },
    // It has come back, or was only noticed on its way back.
    succeeded: (cameIn) => cameIn,
    defence: {
      file: `${folder}/message-from-json.ts`,
      find: 'typeof json === "bigint" && isInt64(json)',
      replace: "true",
    },
  }),
  attack("JSON that is nested 10 000 deep", {
    against: "nobody runs out of stack",
    server: speaks.pipecat,
    async attack(target) {
      const { webSocket } = await target.json();
      webSocket.text(textJson("deep", { frame: `,"x":${"[".repeat(10_000)}${"]".repeat(10_000)}` }));
      await webSocket.over();
      return `${webSocket.closeCode} ${webSocket.closeReason}`;
    },
    succeeded: (close) => !close.startsWith("4003 ") || close.includes("stack"),
    defence: { file: `${folder}/read-json.ts`, find: "if (depth > MAX_DEPTH) {", replace: "if (false) {" },
  }),
  attack("an integer of half a million digits", {
    against: "Python reads 4 300 of them, and takes long for more",
    server: speaks.pipecat,
    async attack(target) {
      const peer = await target.json();
      await peer.goesOn();
      peer.send(textJson("long", { frame: `,"x":${"7".repeat(500_000)}` }));
      return peer.goesOn();
    },
    succeeded: (goesOn) => goesOn,
    defence: { file: `${folder}/read-json.ts`, find: "if (countDigits(text) > MAX_DIGITS) {", replace: "if (false) {" },
  }),
];
