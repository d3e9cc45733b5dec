//! The VM with its own mock of a chain, beside nearvm_run: the other side of mock_test.c.
use near_parameters::RuntimeConfigStore;
use near_vm_runner::logic::mocks::mock_external::MockedExternal;
use near_vm_runner::{prepare, ContractCode, FilesystemContractRuntimeCache};
use ol_nearvm::abi::Bytes;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Arc, LazyLock};

static STORE: LazyLock<RuntimeConfigStore> = LazyLock::new(|| RuntimeConfigStore::new(None));
static CACHE: LazyLock<FilesystemContractRuntimeCache> =
    LazyLock::new(|| FilesystemContractRuntimeCache::test().expect("a temporary folder"));

/// `seen` as in nearvm_run; `stored` is Borsh of a map from keys to values. `done` gets the outcome as
/// nearvm_run's does, the map afterwards, and the mock's log of actions as JSON.
#[no_mangle]
pub unsafe extern "C" fn nearvm_mock(
    version: u32,
    code: Bytes,
    method: Bytes,
    seen: Bytes,
    stored: Bytes,
    done: extern "C" fn(*mut c_void, Bytes, Bytes, Bytes),
    at: *mut c_void,
) {
    let config = STORE.get_config(version);
    let (context, _) = ol_nearvm::context(seen.get()).expect("what the test wrote");
    let stored: BTreeMap<Vec<u8>, Vec<u8>> = borsh::from_slice(stored.get()).expect("what the test wrote");
    let mut ext = MockedExternal::with_code(ContractCode::new(code.get().to_vec(), None));
    ext.fake_trie = stored.into_iter().collect();
    let counter = context.make_gas_counter(&config.wasm_config);
    let wasm = Arc::clone(&config.wasm_config);
    let prepared = prepare(&ext, wasm, Some(&*CACHE), counter, &method.text());
    let outcome = prepared.run(&mut ext, &context, Arc::clone(&config.fees)).map_err(|e| e.to_string());
    let outcome = ol_nearvm::outcome_borsh(outcome).expect("written to memory");
    let stored: BTreeMap<Vec<u8>, Vec<u8>> = ext.fake_trie.into_iter().collect();
    let stored = borsh::to_vec(&stored).expect("written to memory");
    let log = serde_json::to_string(&ext.action_log).expect("written to memory");
    done(at, Bytes::of(&outcome), Bytes::of(&stored), Bytes::of(log.as_bytes()));
}
