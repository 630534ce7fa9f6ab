// The npm client's calls that its own specs leave out: Jobs, listings, downloads by Range. Prints what passed.
import * as hub from "@huggingface/hub";

const [hubUrl, accessToken, user] = process.argv.slice(2);
const common = { hubUrl, accessToken };
let passed = 0;
let failed = 0;

async function check(name, work) {
  try {
    const problem = await work();
    if (problem) throw new Error(problem);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`    ${name}: ${String(error?.message ?? error).slice(0, 300)}`);
  }
}

const repo = { type: "dataset", name: `${user}/from-node` };
const large = new Blob([new Uint8Array(300000).map((_, i) => (i * 7) % 251)]);
await check("createRepo", async () => void (await hub.createRepo({ ...common, repo, private: true })));
await check("uploadFiles", async () => {
  const files = [{ path: "data/rows.csv", content: new Blob(["a,b\n1,2\n"]) }, { path: "big.bin", content: large }];
  await hub.uploadFiles({ ...common, repo, files });
});
await check("uploadFiles with Xet", async () => {
  const files = [{ path: "xet.bin", content: new Blob([large, "more"]) }];
  await hub.uploadFiles({ ...common, repo, files, useXet: true });
});
await check("listFiles", async () => {
  const paths = [];
  for await (const file of hub.listFiles({ ...common, repo, recursive: true })) paths.push(file.path);
  return paths.includes("data/rows.csv") && paths.includes("xet.bin") ? "" : `found ${paths}`;
});
for (const [path, size] of [["data/rows.csv", 8], ["big.bin", 300000], ["xet.bin", 300004]]) {
  await check(`downloadFile ${path}`, async () => {
    const blob = await hub.downloadFile({ ...common, repo, path });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (bytes.length !== size) return `${bytes.length} bytes instead of ${size}`;
    return path !== "data/rows.csv" && bytes[1000] !== (7000 % 251) ? "wrong content" : "";
  });
}
await check("downloadFile of a range", async () => {
  const blob = await hub.downloadFile({ ...common, repo, path: "big.bin" });
  const piece = new Uint8Array(await blob.slice(100, 200).arrayBuffer());
  return piece.length === 100 && piece[0] === (700 % 251) ? "" : "wrong piece";
});
await check("a private data set is hidden", async () => {
  const exists = await hub.repoExists({ hubUrl, repo });
  return exists ? "an anonymous caller sees it" : "";
});
await check("listDatasets", async () => {
  for await (const found of hub.listDatasets({ ...common, search: { owner: user } })) if (found.name === repo.name) return "";
  return "not in the list";
});
await check("whoAmI", async () => ((await hub.whoAmI(common)).name === user ? "" : "someone else"));
await check("listJobHardware", async () => ((await hub.listJobHardware(common)).length >= 20 ? "" : "too few"));
let job;
await check("runJob", async () => {
  job = await hub.runJob({
    ...common, namespace: user, dockerImage: "python:3.12", flavor: "cpu-basic", timeoutSeconds: 60, labels: { from: "node" },
    command: ["python", "-c", "import os; print('hello', os.environ['WHO'])"], environment: { WHO: "node" },
  });
});
await check("streamJobLogs", async () => {
  const lines = [];
  for await (const line of hub.streamJobLogs({ ...common, namespace: user, jobId: job.id })) lines.push(line.message);
  return lines.includes("hello node") ? "" : `got ${lines}`;
});
await check("getJob", async () => {
  const found = await hub.getJob({ ...common, namespace: user, jobId: job.id });
  return found.status.stage === "COMPLETED" ? "" : found.status.stage;
});
await check("listJobs", async () => {
  const jobs = await hub.listJobs({ ...common, namespace: user });
  return jobs.some((other) => other.id === job.id) ? "" : "not in the list";
});
await check("cancelJob", async () => {
  const long = await hub.runJob({ ...common, namespace: user, dockerImage: "x", flavor: "cpu-basic", command: ["sleep", "60"] });
  await hub.cancelJob({ ...common, namespace: user, jobId: long.id });
  const found = await hub.getJob({ ...common, namespace: user, jobId: long.id });
  return found.status.stage === "CANCELED" ? "" : found.status.stage;
});
await check("scheduled jobs", async () => {
  const made = await hub.createScheduledJob({
    ...common, namespace: user, schedule: "@daily", jobSpec: { dockerImage: "x", flavor: "cpu-basic", command: ["true"] },
  });
  const found = await hub.listScheduledJobs({ ...common, namespace: user });
  await hub.deleteScheduledJob({ ...common, namespace: user, scheduledJobId: made.id, jobId: made.id });
  return found.some((other) => other.id === made.id) ? "" : "not in the list";
});
await check("deleteRepo", async () => void (await hub.deleteRepo({ ...common, repo })));
console.log(`${"our own calls".padEnd(40)} ${String(passed).padStart(3)} passed ${String(failed).padStart(3)} failed`);
