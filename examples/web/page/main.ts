/** The page: an agent with a bus of its own, bridged to the assistant, and what people see of it. */
import { AgentRunner, formatStatus, PIPECAT_FRAMES, type Status, silentLogger } from "crossbus";
import { Tap } from "crossbus/inspect";
import { bridgeView } from "crossbus/inspect/view";
import { WebSocketProxyClientAgent } from "crossbus/websocket";
import { type Microphone, openMicrophone, player, whyNoMicrophone } from "./audio.js";
import { chat } from "./chat.js";
import { type ConnectionEvent, connecting, connectionText, isOver, next } from "./connection-state.js";
import { PageAgent } from "./page-agent.js";
import { readServerTaps } from "./server-taps.js";
import { themeButton } from "./theme.js";

/** What the server has put into the page. */
interface Config {
  readonly token: string;
  readonly assistant: string;
  /** Another assistant that the page can switch to. */
  readonly peer?: {
    readonly url: string;
    readonly dialect: "pipecat" | "pipecat-subagents" | "protobuf";
    readonly version?: string;
  };
}

function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type;
}

const config = JSON.parse(byId("config").textContent ?? "") as Config;
// The dialect in the address switches to the other assistant.
const peer = new URLSearchParams(location.search).has("dialect") ? config.peer : undefined;
const resumes = peer === undefined;
const isPython = config.peer?.dialect !== "protobuf";

themeButton(byId("theme"));
const talk = chat(byId("log"), byId("said"), byId("greeting"));
byId("answers").textContent =
  peer === undefined
    ? `Answers come from ${config.assistant}.`
    : `Answers come from ${isPython ? "Python’s Pipecat" : "an assistant"} at ${peer.url}.`;

const agent = new PageAgent("acme", player());
const runner = new AgentRunner({ handleSigint: false, logger: silentLogger });
const proxy = new WebSocketProxyClientAgent("proxy", {
  url: `ws://${location.host}${peer === undefined ? "/ws" : "/ws/peer"}?page=${config.token}`,
  localAgentName: "acme",
  remoteAgentName: "assistant",
  forwardMessages: PIPECAT_FRAMES,
  reconnect: { initialDelayMs: 250, maxDelayMs: 1_000 },
  ...(peer === undefined ? {} : { dialect: peer.dialect }),
  ...(peer?.version === undefined ? {} : { peerVersion: peer.version }),
});

const view = bridgeView(byId("bridge"), {
  left: { name: "Page", note: "acme, and proxy for the assistant" },
  right:
    peer === undefined
      ? { name: "Server", note: "assistant, and gateway for acme" }
      : { name: "Relay", note: "what is handed on to there, and back" },
});
const tap = new Tap({ name: "page" });
tap.watchBus(runner.bus);
tap.watchProxy(proxy);

let state = connecting;
const [send, forbidden, cut] = [byId<HTMLButtonElement>("send"), byId<HTMLButtonElement>("forbidden"), byId("cut")];

function happened(event: ConnectionEvent): void {
  const wasSuspended = state.phase === "suspended";
  state = next(state, event);
  const { tone, title, note } = connectionText(state, resumes);
  byId("state").dataset["tone"] = tone;
  if (byId("state-title").textContent !== title) {
    // Who hears the page is told what has become of the connection, not each message that is counted in the note.
    byId("state-said").textContent = `${title}. ${note}`;
  }
  byId("state-title").textContent = title;
  byId("state-note").textContent = note;
  const canTalk = state.phase === "connected" || state.phase === "suspended";
  send.disabled = !canTalk;
  forbidden.disabled = !canTalk;
  if (wasSuspended && state.phase === "connected") {
    talk.settled(true);
  }
  if (isOver(state) || event.event === "disconnected") {
    talk.settled(false);
    talk.waits(false);
  }
}

tap.on("record", (record) => {
  view.add("left", [record]);
  if (record.event === "crossed" && record.isKept) {
    happened({ event: "kept", direction: "out" });
  }
});
const plain = (why: Status) => (why.message === "" ? formatStatus(why) : `${why.message}.`);
proxy.on("connected", () => happened({ event: "connected" }));
proxy.on("suspended", (why) => happened({ event: "suspended", at: Date.now(), why: plain(why) }));
proxy.on("resumed", (outageMs) => happened({ event: "resumed", outageMs }));
proxy.on("disconnected", (why) => happened({ event: "disconnected", at: Date.now(), why: plain(why) }));
proxy.on("connectFailed", (why) => happened({ event: "connectFailed", why: plain(why) }));
proxy.on("failed", (why) => happened({ event: "failed", why: plain(why) }));
void readServerTaps(config.token, {
  records(records, gone) {
    view.skip(gone);
    view.add("right", records);
    for (const record of records) {
      if (record.event === "crossed" && record.isKept && record.direction === "out") {
        happened({ event: "kept", direction: "in" });
      }
    }
  },
  clock: (offsetMs) => view.setClockOffset(offsetMs),
  unknown() {
    happened({ event: "unknown" });
    // The server lets this page in no more, however often it asks.
    void runner.cancel();
  },
});

// The conversation.
/** How long a turn may be, in UTF-16 code units. */
const maxTurn = 2_000;
const [composer, text] = [byId<HTMLFormElement>("composer"), byId<HTMLTextAreaElement>("text")];
agent.on("replyText", (piece) => talk.piece(piece));
agent.on("reply", (reply) => talk.complete(reply));
agent.on("agentGone", () => talk.waits(false));
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  // Half a character, as what cuts texts may leave, is none that could be sent.
  const turn = text.value.trim().replace(/\p{Surrogate}/gu, "\ufffd");
  if (turn !== "" && !send.disabled) {
    talk.mine(turn, state.phase === "suspended");
    talk.waits(true);
    agent.say(turn);
    text.value = "";
    grow();
  }
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});
/** Gives the text the lines that it needs, up to six. */
function grow(): void {
  text.rows = Math.min(6, text.value.split("\n").length);
}
/** Has the browser keep back what is too long, and say so. To take only the beginning would send half of what was meant. */
function check(): void {
  const { length } = text.value;
  text.setCustomValidity(length > maxTurn ? `That is ${length} characters; the assistant takes ${maxTurn}.` : "");
}
text.addEventListener("input", () => {
  grow();
  check();
});

// What people can try.
let isCut = false;
let cutting = Promise.resolve();
cut.addEventListener("click", () => {
  // One after the other: requests that are under way at once may overtake each other.
  cutting = cutting.then(toggleCut);
});
async function toggleCut(): Promise<void> {
  const body = isCut ? "restore" : "cut";
  const headers = { authorization: `Bearer ${config.token}` };
  const isDone = await fetch("/api/network", { method: "POST", headers, body }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!isDone) {
    return;
  }
  isCut = !isCut;
  cut.ariaPressed = String(isCut);
  cut.textContent = isCut ? "Restore the network" : "Cut the network";
  if (!isCut) {
    // What a browser tells when a network is back: the link doesn't wait any longer then.
    dispatchEvent(new Event("online"));
  }
}
forbidden.addEventListener("click", () => agent.tryForbidden());

// Which assistant.
if (config.peer !== undefined) {
  byId("assistants").hidden = false;
  byId("peer-name").textContent = isPython ? "Python" : "Elsewhere";
  for (const radio of byId("assistants").querySelectorAll("input")) {
    radio.checked = (radio.value === "peer") === (peer !== undefined);
    radio.addEventListener("change", () => {
      location.search = radio.value === "peer" ? `?dialect=${config.peer?.dialect}` : "";
    });
  }
}

// Audio.
const [microphone, level, echo] = [byId("microphone"), byId<HTMLMeterElement>("level"), byId<HTMLInputElement>("echo")];
const audioNote = byId("audio-note");
let opened: Microphone | undefined;
let isOpening = false;
microphone.addEventListener("click", async () => {
  if (isOpening) {
    return;
  }
  if (opened !== undefined) {
    opened.stop();
    opened = undefined;
    audioNote.textContent = "";
  } else {
    isOpening = true;
    try {
      opened = await openMicrophone(({ samples, level: loudness }) => {
        // Speech is seldom louder than a quarter.
        level.value = Math.min(1, loudness * 4);
        if (state.phase === "connected") {
          agent.hear(samples);
        }
      });
      audioNote.textContent =
        "The microphone is on: what it hears is sent to the assistant, while there is a connection.";
    } catch (error) {
      audioNote.textContent = whyNoMicrophone(error);
    } finally {
      isOpening = false;
    }
  }
  const isOn = opened !== undefined;
  microphone.ariaPressed = String(isOn);
  level.hidden = !isOn;
});
echo.addEventListener("change", () => agent.askForEcho(echo.checked));

await runner.addAgent(agent);
await runner.addAgent(proxy);
await runner.run();
