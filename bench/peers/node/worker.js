// Jobs a second of a BullMQ worker: for each line that asks for {jobs, concurrency, url}, a line with its seconds.
// The jobs wait before the clock starts; *url*, where there is one, is posted to once a job.
import { createInterface } from 'node:readline';

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

// Valkey evicts volatile keys here, of which BullMQ warns with each connection.
console.warn = () => undefined;

const connect = () => new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue('bench-jobs', { connection: connect() });
const JOB = { attempts: 4, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: true };

async function post(url) {
    const answer = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(3000) });
    await answer.arrayBuffer();
    if (!answer.ok) {
        throw new Error(`answered ${answer.status}`);
    }
}

async function measure({ jobs, concurrency, url }) {
    await queue.addBulk(Array.from({ length: jobs }, (_, number) => ({ name: 'job', data: { number }, opts: JOB })));
    const connection = connect();
    const worker = new Worker('bench-jobs', async () => (url ? post(url) : undefined), {
        connection,
        concurrency,
        autorun: false,
    });
    await worker.waitUntilReady();
    let left = jobs;
    const over = new Promise((resolve, reject) => {
        worker.on('completed', () => --left || resolve());
        worker.on('failed', (_, error) => reject(error));
    });
    const started = performance.now();
    worker.run();
    await over;
    const seconds = (performance.now() - started) / 1000;
    await worker.close();
    await connection.quit();
    return seconds;
}

await queue.waitUntilReady();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
    console.log(await measure(JSON.parse(line)));
}
process.exit(0);
