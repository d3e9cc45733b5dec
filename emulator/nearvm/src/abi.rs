//! The structures of nearvm.h, member by member.
use std::borrow::Cow;
use std::ffi::{c_int, c_void};

/// ol_bytes, and ol_str.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    data: *const u8,
    len: usize,
}

impl Bytes {
    pub fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }
    pub unsafe fn get<'a>(self) -> &'a [u8] {
        slice(self.data, self.len)
    }
    pub unsafe fn text<'a>(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.get())
    }
}

pub unsafe fn slice<'a, T>(data: *const T, count: usize) -> &'a [T] {
    if count == 0 { &[] } else { std::slice::from_raw_parts(data, count) }
}

#[repr(C)]
#[derive(Default)]
pub struct Touch {
    pub trie_nodes: u64,
    pub cached_trie_nodes: u64,
    pub evicted_bytes: u64,
}

pub const NO: c_int = 0;
pub const YES: c_int = 1;
pub const NO_SUCH_ACTION: c_int = 2;
pub const DUPLICATE_ENTRY: c_int = 3;

type At = *mut c_void;

#[repr(C)]
pub struct HostTable {
    pub storage_write: extern "C" fn(At, Bytes, Bytes, &mut Bytes, &mut Touch) -> c_int,
    pub storage_read: extern "C" fn(At, Bytes, &mut Bytes, &mut Touch) -> c_int,
    pub storage_remove: extern "C" fn(At, Bytes, &mut Bytes, &mut Touch) -> c_int,
    pub validator_stake: extern "C" fn(At, Bytes, &mut u128) -> c_int,
    pub receipt_new: extern "C" fn(At, *const u64, usize, Bytes, &mut u64) -> c_int,
    pub receipt_refund_to: extern "C" fn(At, u64, Bytes) -> c_int,
    pub receipt_action: extern "C" fn(At, u64, Bytes, u64, &mut u64) -> c_int,
    pub state_init_entry: extern "C" fn(At, u64, u64, Bytes, Bytes) -> c_int,
    pub yield_create: extern "C" fn(At, *const u8, &mut u64, &mut [u8; 32]) -> c_int,
    pub yield_resume: extern "C" fn(At, &[u8; 32], bool, Bytes) -> c_int,
    pub done: extern "C" fn(At, Bytes),
}
