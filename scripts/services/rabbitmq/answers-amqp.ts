import { connect } from 'node:net'

const protocolHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])
const answerTimeoutMs = 2_000

/** Whether a broker on loopback begins to negotiate: listening alone is not enough, the queues come back before that. */
export function answersAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: answerTimeoutMs })
    const end = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.on('connect', () => socket.write(protocolHeader))
    // A method frame (type 1): connection.start. A broker that speaks another version sends its own header.
    socket.on('data', (data) => end(data[0] === 1))
    socket.on('timeout', () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
}
