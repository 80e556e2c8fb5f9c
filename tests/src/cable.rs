//! The cable between one node and another: it can be cut and mended while both go on.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::place::TestPlace;

/// A cable from one place to another. The way back has one of its own.
#[derive(Debug)]
pub struct Cable {
    whole: watch::Sender<bool>,
    carrying: JoinHandle<()>,
}

impl Cable {
    /// Lays a cable to `to` and makes `from` use it. It does so once its node is started anew.
    ///
    /// # Panics
    /// When they are no peers.
    pub async fn lay(from: &TestPlace, to: &TestPlace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let whole = watch::Sender::new(true);
        let carrying = tokio::spawn(carry(listener, to.address, whole.clone()));
        let mut tx = from.app().store.write().await.expect("a writable database");
        let mut row = tx.peering(&to.id).await.expect("a readable peering").expect("a peering");
        row.endpoint = address.to_string();
        tx.save_peering(&row).await.expect("a peering");
        tx.commit().await.expect("a commit");
        Self { whole, carrying }
    }

    /// Cuts it: what goes through breaks off, and nothing new gets through.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Mends it.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(listener: TcpListener, to: SocketAddr, whole: watch::Sender<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let mut whole = whole.subscribe();
        if !*whole.borrow_and_update() {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(to).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = whole.wait_for(|&whole| !whole) => {}
            }
        });
    }
}
