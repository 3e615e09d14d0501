// Answers every request with 204 at once: where the jobs of both workers post to.
import { createServer } from 'node:http';

const server = createServer((request, answer) => {
    request.resume();
    request.on('end', () => answer.writeHead(204).end());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
