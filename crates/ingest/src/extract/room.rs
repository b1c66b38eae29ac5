//! The memory for bodies while they come in. Small bodies, as clients send them, always have room: a
//! connection each bounds those. What goes beyond that comes out of one store for all, so that many slow
//! senders of large bodies hold up other large ones and never a client.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The store for large bodies.
#[derive(Debug)]
pub struct Room(Arc<Semaphore>);

/// What one body has taken of it; given back when dropped.
#[derive(Debug)]
pub struct Held {
    store: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

/// There is no room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

impl Room {
    /// A store of so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / STEP)))
    }

    /// Begins a body.
    pub fn begin(&self) -> Held {
        Held { store: Arc::clone(&self.0), taken: None, bytes: SMALL }
    }
}

impl Held {
    /// Makes room for a body of `bytes`.
    ///
    /// # Errors
    /// When there is none.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), NoRoom> {
        while self.bytes < bytes {
            let step = Arc::clone(&self.store).try_acquire_owned().map_err(|_| NoRoom)?;
            match &mut self.taken {
                Some(taken) => taken.merge(step),
                None => self.taken = Some(step),
            }
            self.bytes += STEP;
        }
        Ok(())
    }
}

/// What a client sends at once stays below it; see `limits::KEEPALIVE_BYTES`.
const SMALL: usize = 64 * 1024;
const STEP: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_bodies_have_room_when_large_ones_have_none() {
        let room = Room::new(4 * STEP);
        let mut large = room.begin();
        assert_eq!(large.grow_to(5 * STEP), Ok(()));
        let mut other = room.begin();
        assert_eq!((other.grow_to(SMALL), other.grow_to(SMALL + 1)), (Ok(()), Err(NoRoom)));
        drop(large);
        assert_eq!(other.grow_to(5 * STEP), Ok(()));
    }
}
