/** Looks at the memory of two processes while one sends to the other more than it takes: `npm run soak`. */
import { runCommand } from "../test/endurance/command.js";
import { grown, inMiB, soak } from "../test/endurance/soak.js";

await runCommand({
  name: "soak",
  about: `One process sends as fast as it may to another that takes it slowly, over a connection that is reset every ten
seconds. Says how much memory both had in the first minute and in the last one, and fails when either grew, or when a
message was lost.`,
  option: { name: "seconds", about: "For how long", default: 600 },
  async run(seconds, { signal, progress }) {
    const { ends, taken, answers, resumes, trouble } = await soak({ seconds, progress }, signal);
    const complaints = ends.flatMap(grown);
    return {
      ok: complaints.length === 0 && trouble.length === 0 && taken > 0,
      lines: [
        `${taken} messages taken in order, and ${answers} answers; the link resumed ${resumes} times`,
        ...ends.flatMap(({ name, first, last, most }) =>
          (["heap", "rss"] as const).map(
            (what) =>
              `${name}, ${what === "heap" ? "heap and buffers after a collection" : "RSS"}: ${inMiB(first[what])} MiB ` +
              `first, ${inMiB(last[what])} MiB last, ${inMiB(most[what])} MiB at most`,
          ),
        ),
        complaints.length === 0 ? "flat" : `not flat: ${complaints.join("; ")}`,
        ...trouble.slice(0, 20).map((each) => `trouble: ${each}`),
      ],
    };
  },
});
