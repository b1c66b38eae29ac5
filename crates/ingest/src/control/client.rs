//! The side of the commands.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::{Address, Reply, Request};
use crate::operations::Progress;

/// A connection to the server of a data folder.
#[derive(Debug)]
pub struct Connection(BufReader<UnixStream>);

/// The server did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// It says why.
    #[error("{0}")]
    Failed(String),
    /// It is gone, or speaks another language.
    #[error("the running server does not answer; is it of the same version?")]
    Lost(#[source] io::Error),
}

impl Connection {
    /// Connects to the server that runs in `folder`; `None` if none does.
    ///
    /// # Errors
    /// When one may run there, but cannot be reached.
    pub fn open(folder: &Path) -> Result<Option<Self>, ControlError> {
        let address = Address::of(folder).map_err(ControlError::Lost)?;
        match UnixStream::connect(&address.path) {
            Ok(stream) => Ok(Some(Self(BufReader::new(stream)))),
            Err(error) if is_nobody(&error) => Ok(None),
            Err(error) => Err(ControlError::Lost(error)),
        }
    }

    /// Asks, and waits for the end of the answer.
    ///
    /// # Errors
    /// What the server says, or that it says nothing.
    pub fn ask<T: DeserializeOwned>(
        &mut self,
        request: &Request,
        progress: &dyn Progress,
    ) -> Result<T, ControlError> {
        self.send(request).map_err(ControlError::Lost)?;
        loop {
            match self.receive().map_err(ControlError::Lost)? {
                Reply::Progress { what, done, total } => progress.tell(&what, done, total),
                Reply::Failed(why) => return Err(ControlError::Failed(why)),
                Reply::Done(value) => {
                    return serde_json::from_value(value).map_err(|error| ControlError::Lost(error.into()));
                }
            }
        }
    }

    fn send(&mut self, request: &Request) -> io::Result<()> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.0.get_mut().write_all(&line)
    }

    fn receive(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

/// A socket that a killed server left leads to nobody.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
