// A lead as a good Node project takes it: hono, ioredis, BullMQ and pg, each as its documentation shows.
//
// Rate limit (one pipeline), key, captcha, transaction, three queues at once, the kept answer: nine waits one
// after the other. It loses nothing in fair weather.
import { randomUUID } from 'node:crypto';

import { serve } from '@hono/node-server';
import { Queue } from 'bullmq';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import pg from 'pg';

const env = process.env;
const LIMIT = 30;
const WINDOW_MS = 60_000;
const KEPT_FOR_S = 86_400;
const JOB = { attempts: 4, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: 1000, removeOnFail: 1000 };

// Valkey evicts volatile keys here, of which BullMQ warns with each connection.
console.warn = () => undefined;

const redis = new Redis(env.REDIS_URL, { maxRetriesPerRequest: null });
const database = new pg.Pool({ connectionString: env.DATABASE_URL.split('?')[0], max: 10 });
const queues = ['email', 'sync', 'notification'].map((name) => new Queue(`bench-${name}`, { connection: redis }));

async function isAdmitted(address) {
    const key = `bench:window:${address}`;
    const now = Date.now();
    const [, , [, count]] = await redis
        .multi()
        .zremrangebyscore(key, '-inf', now - WINDOW_MS)
        .zadd(key, now, `${now}-${randomUUID()}`)
        .zcard(key)
        .pexpire(key, WINDOW_MS)
        .exec();
    return count <= LIMIT;
}

async function isHuman(token) {
    const form = new URLSearchParams({ secret: env.TURNSTILE_SECRET_KEY, response: token });
    const answer = await fetch(env.TURNSTILE_VERIFY_URL, { method: 'POST', body: form, signal: AbortSignal.timeout(3000) });
    return (await answer.json()).success;
}

async function store(id, lead, jobs) {
    const client = await database.connect();
    try {
        await client.query('BEGIN');
        await client.query('INSERT INTO bench_leads (id, body) VALUES ($1, $2)', [id, lead]);
        await client.query("INSERT INTO bench_leads (id, body) SELECT unnest($1::uuid[]), '{}'", [jobs]);
        await client.query('COMMIT');
    } catch (error) {
        await client.query('ROLLBACK');
        throw error;
    } finally {
        client.release();
    }
}

const app = new Hono();

app.post('/leads', async (call) => {
    if (!(await isAdmitted(call.req.header('x-forwarded-for')))) {
        return call.json({ code: 'RATE_LIMITED' }, 429);
    }
    const key = `bench:key:${call.req.header('idempotency-key')}`;
    if (!(await redis.set(key, 'running', 'EX', KEPT_FOR_S, 'NX'))) {
        return call.json(JSON.parse(await redis.get(key)), 201);
    }
    const lead = await call.req.json();
    if (!(await isHuman(lead.turnstileToken))) {
        return call.json({ code: 'CAPTCHA_FAILED' }, 400);
    }
    const id = randomUUID();
    const jobs = queues.map(() => randomUUID());
    await store(id, lead, jobs);
    await Promise.all(queues.map((queue, place) => queue.add('lead', { leadId: id }, { ...JOB, jobId: jobs[place] })));
    const answer = { id, status: 'RECEIVED' };
    await redis.set(key, JSON.stringify(answer), 'EX', KEPT_FOR_S);
    return call.json(answer, 201);
});

app.get('/service-categories', async (call) => {
    call.header('content-type', 'application/json');
    return call.body(await redis.get('bench:categories'));
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));
server.keepAliveTimeout = 600_000; // the client has pauses while others are asked
