//! Crashes on purpose, for simulations only: a node is cut off before its next write, before its next commit, or after a commit
//! and before anybody hears of it. In every other build there is nothing here.

#[cfg(not(feature = "simulation"))]
use super::StoreError;

#[cfg(feature = "simulation")]
pub use simulated::Faults;

/// No faults.
#[cfg(not(feature = "simulation"))]
#[derive(Clone, Debug)]
pub(super) struct Faults;

#[cfg(not(feature = "simulation"))]
impl Faults {
    pub(super) const fn none() -> Self {
        Self
    }

    pub(super) const fn point(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) const fn alive(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(feature = "simulation")]
mod simulated {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use crate::store::{Store, StoreError, backend::Pool};

    /// When a store is cut off. Cheap to clone; all clones are one.
    #[derive(Clone, Debug, Default)]
    pub struct Faults(Arc<Inner>);

    #[derive(Debug, Default)]
    struct Inner {
        passed: AtomicU64,
        /// Cut off once so many points were passed; 0: never.
        until: AtomicU64,
    }

    impl Faults {
        pub(in crate::store) fn none() -> Self {
            Self::default()
        }

        /// As [`Store::open`], to be cut off by these faults.
        ///
        /// # Errors
        /// As [`Store::open`].
        pub async fn open(&self, url: &str) -> Result<Store, StoreError> {
            Ok(Store { pool: Pool::open(url).await?, faults: self.clone() })
        }

        /// Cuts the store off at the `nth` point from now on: each write is one, and each commit is two, before and after it.
        pub fn strike_at(&self, nth: u64) {
            self.0.until.store(self.passed() + nth.max(1), Ordering::SeqCst);
        }

        /// Cuts the store off at no point any more, unless that has happened.
        pub fn spare(&self) {
            if !self.struck() {
                self.0.until.store(0, Ordering::SeqCst);
            }
        }

        /// How many points were passed.
        #[must_use]
        pub fn passed(&self) -> u64 {
            self.0.passed.load(Ordering::SeqCst)
        }

        /// Whether the store was cut off: nothing reaches it any more.
        #[must_use]
        pub fn struck(&self) -> bool {
            let until = self.0.until.load(Ordering::SeqCst);
            until > 0 && self.passed() >= until
        }

        pub(in crate::store) fn point(&self) -> Result<(), StoreError> {
            if !self.struck() {
                self.0.passed.fetch_add(1, Ordering::SeqCst);
            }
            self.alive()
        }

        pub(in crate::store) fn alive(&self) -> Result<(), StoreError> {
            if self.struck() { Err(StoreError::Database(sqlx::Error::WorkerCrashed)) } else { Ok(()) }
        }
    }
}
