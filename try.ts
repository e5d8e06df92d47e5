import { runScript } from "./test/faults/run-script.js";
import { randomScript } from "./test/faults/random-script.js";
console.log(JSON.stringify(randomScript(58)));
setTimeout(()=>{},1);
await runScript(58,"memory");
