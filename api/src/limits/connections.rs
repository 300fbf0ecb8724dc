//! How many connections one address may hold: one that goes beyond is closed before it has said a word.
use super::rate::network;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use ipnet::IpNet;
use socket2::SockRef;
use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of each address.
pub struct Connections {
    held: Mutex<HashMap<IpAddr, u32>>,
    most: u32,
    trusted: Vec<IpNet>,
    refused: AtomicU64,
}

/// One connection; counted for as long as it lasts.
struct Held(Arc<Connections>, IpAddr);
impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = held.get_mut(&self.1) {
            *n -= 1;
            if *n == 0 {
                held.remove(&self.1);
            }
        }
    }
}

impl Connections {
    /// At most so many for each address but the trusted ones, who speak for many.
    pub fn new(most: u32, trusted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { held: Mutex::default(), most, trusted, refused: AtomicU64::new(0) })
    }
    /// How many were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
    /// Counts a connection that was made; one too many is shut.
    pub fn made(self: &Arc<Self>, stream: &dyn Any, data: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<TcpStream>() else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let peer = peer.ip().to_canonical();
        if self.trusted.iter().any(|net| net.contains(&peer)) {
            return;
        }
        let peer = network(peer);
        let within = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let n = held.entry(peer).or_default();
            *n += 1;
            *n <= self.most
        };
        data.insert(Held(Arc::clone(self), peer));
        if !within {
            self.refused.fetch_add(1, Ordering::Relaxed);
            // It reads the end at once and goes the way of every connection that has ended.
            let _ = SockRef::from(stream).shutdown(Shutdown::Both);
        }
    }
}
