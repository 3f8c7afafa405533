//! What is sent: contents, one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::unfold;
use futures_util::{Stream, TryFutureExt};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::watch;

use super::progress::Progress;

/// Size of the pieces in which long bodies are handed to the connection.
pub const CHUNK: usize = 64 * 1024;

/// Size of the pieces in which files are read: each one costs a visit to another thread.
const READ_SIZE: usize = 256 * 1024;

/// Bodies up to this size go out in one piece, without progress bookkeeping.
const SMALL: usize = CHUNK;

/// Counts the bytes of a body that were handed to the connection.
pub(crate) type BytesSent = watch::Sender<u64>;

/// A [`StreamedContent`] being read, piece by piece.
pub type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>;

/// Content that is read while it is sent.
pub trait StreamedContent: Send + Sync + fmt::Debug {
    /// Its size in bytes, if known before reading.
    fn size(&self) -> Option<u64>;

    /// Whether [`StreamedContent::open`] can be called again for another attempt.
    fn replayable(&self) -> bool;

    /// Starts reading from the beginning.
    ///
    /// # Errors
    /// When the content cannot be read (again).
    fn open(&self) -> io::Result<Chunks>;
}

/// A file named by its path, from some byte to its end.
#[derive(Debug)]
pub struct FileContent {
    path: PathBuf,
    start: u64,
    size: u64,
}

impl FileContent {
    /// Looks the file up.
    ///
    /// # Errors
    /// When there is no such regular file, or it ends before `start`.
    pub fn new(path: PathBuf, start: u64) -> io::Result<Self> {
        let metadata = std::fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let size = metadata.len().checked_sub(start).ok_or_else(too_short)?;
        Ok(Self { path, start, size })
    }
}

impl StreamedContent for FileContent {
    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn replayable(&self) -> bool {
        true
    }

    fn open(&self) -> io::Result<Chunks> {
        let mut file = tokio::fs::File::from_std(std::fs::File::open(&self.path)?);
        let start = self.start;
        Ok(Box::pin(
            async move {
                file.seek(io::SeekFrom::Start(start)).await?;
                Ok(unfold(Some(file), |file| async move {
                    let mut file = file?;
                    let mut chunk = Vec::with_capacity(READ_SIZE);
                    match file.read_buf(&mut chunk).await {
                        Ok(0) => None,
                        Ok(_) => Some((Ok(Bytes::from(chunk)), Some(file))),
                        Err(e) => Some((Err(e), None)),
                    }
                }))
            }
            .try_flatten_stream(),
        ))
    }
}

/// The error for content that ends before the byte it should be sent from.
pub fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is shorter than what was sent before")
}

/// What is uploaded: a body, or a part of one.
#[derive(Debug, Clone)]
pub enum Content {
    /// Bytes at hand.
    Bytes(Bytes),
    /// Content read while sending.
    Streamed(Arc<dyn StreamedContent>),
}

/// A request body with its `Content-Type`.
#[derive(Debug, Clone)]
pub struct Body {
    /// The `Content-Type` header.
    pub content_type: String,
    /// What is sent, in order.
    pub contents: Vec<Content>,
    /// Whether it holds a key by which the server recognises it when it is sent again.
    pub keyed: bool,
}

impl Body {
    /// A body of bytes.
    pub fn bytes(content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { content_type: content_type.into(), contents: vec![Content::Bytes(bytes.into())], keyed: false }
    }

    /// Whether it can be sent again.
    pub fn replayable(&self) -> bool {
        self.contents.iter().all(|content| match content {
            Content::Bytes(_) => true,
            Content::Streamed(content) => content.replayable(),
        })
    }

    /// Its size in bytes, if known.
    pub fn size(&self) -> Option<u64> {
        self.contents.iter().try_fold(0u64, |sum, content| {
            Some(
                sum + match content {
                    Content::Bytes(bytes) => bytes.len() as u64,
                    Content::Streamed(content) => content.size()?,
                },
            )
        })
    }

    /// Whether it goes out in more than one piece.
    pub(crate) fn is_streamed(&self) -> bool {
        !matches!(self.contents.as_slice(), [Content::Bytes(bytes)] if bytes.len() <= SMALL)
    }

    /// The body in one piece; only for one that is not streamed.
    pub(crate) fn whole(&self) -> Bytes {
        match self.contents.as_slice() {
            [Content::Bytes(bytes)] => bytes.clone(),
            _ => Bytes::new(),
        }
    }

    /// The body in pieces, which `progress` and `bytes_sent` take notice of.
    pub(crate) fn stream(&self, progress: &Arc<Progress>, bytes_sent: Option<&BytesSent>) -> reqwest::Body {
        reqwest::Body::wrap(OutgoingBody {
            contents: self.contents.clone().into(),
            current: None,
            left: self.size(),
            done: 0,
            progress: Arc::clone(progress),
            bytes_sent: bytes_sent.cloned(),
        })
    }
}

/// A body on its way out; tells the request's [`Progress`] about every piece.
struct OutgoingBody {
    contents: VecDeque<Content>,
    current: Option<Chunks>,
    left: Option<u64>,
    done: u64,
    progress: Arc<Progress>,
    bytes_sent: Option<BytesSent>,
}

impl OutgoingBody {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(chunks) = &mut self.current {
                match ready!(chunks.as_mut().poll_next(cx)) {
                    Some(chunk) => return Poll::Ready(Some(chunk)),
                    None => self.current = None,
                }
            }
            match self.contents.pop_front() {
                None => return Poll::Ready(None),
                Some(Content::Bytes(mut bytes)) => {
                    if bytes.is_empty() {
                        continue;
                    }
                    let chunk = bytes.split_to(bytes.len().min(CHUNK));
                    self.contents.push_front(Content::Bytes(bytes));
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some(Content::Streamed(content)) => match content.open() {
                    Ok(chunks) => self.current = Some(chunks),
                    Err(e) => return Poll::Ready(Some(Err(e))),
                },
            }
        }
    }
}

impl http_body::Body for OutgoingBody {
    type Data = Bytes;
    type Error = ContentError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ContentError>>> {
        let chunk = match ready!(self.poll_chunk(cx)) {
            Some(Ok(chunk)) => chunk,
            Some(Err(e)) => return Poll::Ready(Some(Err(ContentError(e.to_string())))),
            None if self.left.is_some_and(|left| left > 0) => {
                return Poll::Ready(Some(Err(ContentError(
                    "it became shorter while it was sent".to_owned(),
                ))));
            }
            None => {
                self.progress.body_finished();
                return Poll::Ready(None);
            }
        };
        if let Some(left) = self.left {
            let Some(left) = left.checked_sub(chunk.len() as u64) else {
                return Poll::Ready(Some(Err(ContentError("it became longer while it was sent".to_owned()))));
            };
            self.left = Some(left);
        }
        self.progress.touch();
        self.done += chunk.len() as u64;
        if let Some(bytes_sent) = &self.bytes_sent {
            bytes_sent.send_replace(self.done);
        }
        if self.left == Some(0) {
            self.progress.body_finished();
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// The local side of an upload failed: the content could not be read.
#[derive(Debug)]
pub(crate) struct ContentError(pub(crate) String);

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ContentError {}
