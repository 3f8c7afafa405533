//! A connection that tells its reactor what it waits for.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::handle::{Handle, Source};

/// Bytes that are read at once: what is to be read into is cleared first, and most responses are small.
const READ_SIZE: usize = 64 * 1024;

/// A TCP connection of one reactor.
#[derive(Debug)]
pub(crate) struct Socket {
    io: mio::net::TcpStream,
    handle: Handle,
    key: usize,
    source: Arc<Source>,
    /// A forked child has the parent's poll set before it: it must not take its sockets out.
    process: u32,
}

impl Socket {
    /// # Errors
    /// When the system does not watch it.
    pub(crate) fn new(stream: std::net::TcpStream, handle: &Handle) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let mut io = mio::net::TcpStream::from_std(stream);
        let (key, source) = handle.register(&mut io)?;
        Ok(Self { io, handle: handle.clone(), key, source, process: std::process::id() })
    }

    /// Lets it be read from even if nothing is known to have come.
    pub(crate) fn peeker(&self) -> Peeker {
        Peeker(Arc::clone(&self.source))
    }
}

/// Makes the next read of a socket ask the system, which is sure, instead of going by what the last look found.
#[derive(Debug)]
pub(crate) struct Peeker(Arc<Source>);

impl Peeker {
    /// See the type.
    pub(crate) fn peek(&self) {
        self.0.expect_readable();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.process == std::process::id() {
            self.handle.deregister(self.key, &mut self.io);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let size = buffer.remaining().min(READ_SIZE);
        loop {
            if !this.source.poll_readable(cx.waker()) {
                return Poll::Pending;
            }
            match this.io.read(buffer.initialize_unfilled_to(size)) {
                Ok(read) => {
                    // Less than there was room for: all of it, so that nobody need ask again.
                    if 0 < read && read < size {
                        this.source.drained();
                    }
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => this.source.not_readable(),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }
}

impl Socket {
    fn poll_io(
        &mut self,
        cx: &Context<'_>,
        mut write: impl FnMut(&mut mio::net::TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            if !self.source.poll_writable(cx.waker()) {
                return Poll::Pending;
            }
            match write(&mut self.io) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.source.not_writable(),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io(cx, |io| io.write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io(cx, |io| io.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.io.shutdown(std::net::Shutdown::Write) {
            Err(e) if e.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(e)),
            _ => Poll::Ready(Ok(())),
        }
    }
}
