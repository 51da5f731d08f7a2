//! Client connection with bounded reads.
//!
//! actix-http reads all available bytes into a buffer that grows to their size and lives as long as
//! the connection: a recording of 20 kB kept 44 kB of memory per client waiting for a response.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};

use super::http10::{self, FirstBytes};

/// Free space below which actix-http grows its buffer before the next read (`LW_BUFFER_SIZE` of its
/// dispatcher; the initial capacity is 8 kB).
const MIN_BUFFER_SPACE: usize = 1_024;

/// TCP stream that leaves [`MIN_BUFFER_SPACE`] free in the buffer, and then returns `Pending` once
/// so that the dispatcher consumes the buffer.
pub(super) struct BoundedReadStream {
    stream: Take<TcpStream>,
    yield_next: bool,
    /// Bytes that are held back until [`http10`] knows what they are; `None` from then on.
    first_bytes: Option<Vec<u8>>,
}

impl BoundedReadStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream: stream.take(0), yield_next: false, first_bytes: Some(Vec::new()) }
    }

    /// Reads up to `limit` bytes, the ones that are held back included. It lies so far below the
    /// free space of `buffer` that a length fits in, too.
    fn poll_first_bytes(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        limit: usize,
    ) -> Poll<io::Result<()>> {
        let start = buffer.filled().len();
        loop {
            let held = self.first_bytes.get_or_insert_default();
            self.stream.set_limit(limit.saturating_sub(held.len()) as u64);
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
            let read = &buffer.filled()[start..];
            // The end of the stream, or a head that is too long.
            let is_end = read.is_empty();
            held.extend_from_slice(read);
            buffer.set_filled(start);
            match http10::examine(held) {
                FirstBytes::Incomplete if !is_end => continue,
                FirstBytes::PostWithoutLength => http10::add_length(held),
                FirstBytes::Incomplete | FirstBytes::Other => {}
            }
            buffer.put_slice(held);
            self.first_bytes = None;
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncRead for BoundedReadStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.yield_next {
            self.yield_next = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let capacity = buffer.remaining();
        let free = capacity.saturating_sub(MIN_BUFFER_SPACE);
        // Exactly the minimum can be left after the consumed part. The buffer then moves its few
        // remaining bytes to the front before it grows.
        let limit = if free > 0 { free } else { capacity.div_ceil(2) };
        if self.first_bytes.is_some() {
            ready!(self.poll_first_bytes(context, buffer, limit))?;
        } else {
            self.stream.set_limit(limit as u64);
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        }
        self.yield_next = free > 0 && capacity - buffer.remaining() == limit;
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

    /// Initial capacity of actix-http's buffer (`HW_BUFFER_SIZE`).
    const CAPACITY: usize = 8_192;

    /// Reads all available bytes, as actix-http's dispatcher does; false at the end of the stream.
    async fn read_available(stream: &mut BoundedReadStream, buffer: &mut BytesMut) -> bool {
        poll_fn(|context| {
            loop {
                let free = buffer.capacity() - buffer.len();
                if free < MIN_BUFFER_SPACE {
                    buffer.reserve(CAPACITY - free);
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
    async fn large_body_is_read_completely_without_growing_the_buffer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a client");
        let sent: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        client.write_all(&sent).await.expect("sent");
        drop(client);
        let (mut stream, mut buffer) =
            (BoundedReadStream::new(stream), BytesMut::with_capacity(CAPACITY));
        let (mut received, mut largest) = (Vec::new(), 0);
        loop {
            let more = read_available(&mut stream, &mut buffer).await;
            largest = largest.max(buffer.capacity());
            received.extend_from_slice(&buffer.split());
            if !more {
                break;
            }
        }
        assert!(received == sent, "{} of {} bytes", received.len(), sent.len());
        assert!(largest <= CAPACITY, "the buffer grew to {largest}");
    }
}
