//! A client's connection, read in parts. actix reads all that has come before it looks at any of it, into a buffer that grows to what
//! that is and lives as long as the connection: a recording of 20 kB left 44 kB with each person who waits for an answer.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};

/// Where less room than this is left in its buffer, actix-http makes it larger before it reads on (`LW_BUFFER_SIZE` of its
/// dispatcher; the buffer begins with 8 kB).
const LEAST_ROOM: usize = 1_024;

/// A TCP stream that leaves [`LEAST_ROOM`] in the buffer it is read into, and pauses there until what has come was looked at.
pub(super) struct BoundedReadStream {
    stream: Take<TcpStream>,
    pausing: bool,
}

impl BoundedReadStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream: stream.take(0),
            pausing: false,
        }
    }
}

impl AsyncRead for BoundedReadStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.pausing {
            // The dispatcher takes a request, or a part of one, out of the buffer, and is called again.
            self.pausing = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let room = buffer.remaining();
        let free = room.saturating_sub(LEAST_ROOM);
        // Behind what was taken out there may be just so much: the buffer begins anew then, and has room for what little is in it.
        let part = if free > 0 { free } else { room.div_ceil(2) };
        self.stream.set_limit(part as u64);
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.pausing = free > 0 && room - buffer.remaining() == part;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BoundedReadStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use bytes::BytesMut;
    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    /// What actix-http begins with (`HW_BUFFER_SIZE`).
    const ROOM: usize = 8_192;

    /// Reads all that is there, as the dispatcher of actix-http does; false at the end.
    async fn read_available(stream: &mut BoundedReadStream, buffer: &mut BytesMut) -> bool {
        poll_fn(|context| {
            loop {
                let room = buffer.capacity() - buffer.len();
                if room < LEAST_ROOM {
                    buffer.reserve(ROOM - room);
                }
                match pin!(stream.read_buf(buffer)).poll(context) {
                    Poll::Ready(read) => {
                        if read.expect("bytes") == 0 {
                            return Poll::Ready(false);
                        }
                    }
                    Poll::Pending if buffer.is_empty() => return Poll::Pending,
                    Poll::Pending => return Poll::Ready(true),
                }
            }
        })
        .await
    }

    #[tokio::test]
    async fn all_of_a_large_body_comes_through_a_small_buffer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a client");
        let sent: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        // All of it is there before any is read.
        client.write_all(&sent).await.expect("sent");
        drop(client);
        let (mut stream, mut buffer) = (
            BoundedReadStream::new(stream),
            BytesMut::with_capacity(ROOM),
        );
        let (mut came, mut largest) = (Vec::new(), 0);
        loop {
            let goes_on = read_available(&mut stream, &mut buffer).await;
            largest = largest.max(buffer.capacity());
            came.extend_from_slice(&buffer.split());
            if !goes_on {
                break;
            }
        }
        assert!(came == sent, "{} bytes of {} came", came.len(), sent.len());
        assert!(largest <= ROOM, "the buffer grew to {largest}");
    }
}
