// Starts outlayer-localnet on a free port; the tests of this folder get its URL and stop it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const DEADLINE_MS = 30_000;

export class Localnet {
    static async start(...flags) {
        const it = new Localnet();
        const cache = join(process.env.OL_WASM, 'compiled');
        const program = join(process.env.OL_BIN, 'outlayer-localnet');
        it.process = spawn(program, ['--port', '0', '--cache', cache, ...flags],
            { stdio: ['ignore', 'ignore', 'pipe'], cwd: mkdtempSync(join(tmpdir(), 'clients-')) });
        it.ended = once(it.process, 'exit');
        const lines = createInterface({ input: it.process.stderr });
        const port = new Promise((resolve, reject) => {
            lines.on('line', (line) => {
                const found = /listening .*port=(\d+)/.exec(line);
                if (found) resolve(Number(found[1]));
            });
            it.process.on('exit', (code) => reject(new Error(`outlayer-localnet ended: ${code}`)));
            setTimeout(() => reject(new Error('outlayer-localnet did not start')), DEADLINE_MS).unref();
        });
        it.url = `http://127.0.0.1:${await port}`;
        return it;
    }

    async stop() {
        this.process.kill('SIGTERM');
        const [code] = await this.ended;
        if (code !== 0) throw new Error(`outlayer-localnet ended with ${code}`);
    }

    async get(path) {
        const answer = await fetch(this.url + path);
        return { status: answer.status, body: await answer.json() };
    }

    async dev(action, body) {
        const answer = await fetch(`${this.url}/dev/${action}`,
            { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
        const said = await answer.json();
        if (!answer.ok) throw new Error(said.error);
        return said;
    }

    // The answer as it came: envelope and status.
    async rpc(method, params) {
        const answer = await fetch(this.url, {
            method: 'POST',
            body: JSON.stringify({ jsonrpc: '2.0', id: 'test', method, params }),
            headers: { 'content-type': 'application/json' },
        });
        return { status: answer.status, body: await answer.json() };
    }

    async secretKey(accountId) {
        return (await this.get(`/dev/key/${accountId}`)).body.secret_key;
    }
}

export const probe = () => new Uint8Array(
    readFileSync(join(process.env.OL_WASM, 'contracts', 'probe.wasm')));
