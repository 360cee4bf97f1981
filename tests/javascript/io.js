// How the tests talk to these scripts: one JSON value in, one out. An error ends the process with its stack trace.
export async function answer(work) {
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  process.stdout.write(JSON.stringify(await work(JSON.parse(Buffer.concat(chunks).toString()))))
}
