//! `External` over the callbacks of nearvm_host. An action goes out as the Borsh of the wire.
use crate::abi::*;
use borsh::BorshSerialize;
use near_crypto::PublicKey;
use near_primitives_core::global_contract::GlobalContractIdentifier as WireId;
use near_primitives_core::hash::{CryptoHash, YieldId};
use near_primitives_core::types::{AccountId, Balance, Gas, GasWeight};
use near_primitives_core::universal_state_init::*;
use near_vm_runner::logic::errors::AnyError;
use near_vm_runner::logic::types::{GlobalContractDeployMode as Mode, GlobalContractIdentifier as GlobalId};
use near_vm_runner::logic::{External, HostError, StorageAccessTracker, VMLogicError, ValuePtr};
use std::ffi::{c_int, c_void};

type Result<T> = std::result::Result<T, VMLogicError>;
type Tracker<'a> = &'a mut dyn StorageAccessTracker;
type Methods = Vec<Vec<u8>>;

pub struct Embedder<'a> {
    pub host: &'a HostTable,
    pub at: *mut c_void,
    pub chain_id: String,
    /// The VM wants these by reference: one for each receipt index given out.
    pub receivers: Vec<AccountId>,
    /// An answer was bad in a method that cannot fail.
    pub broken: bool,
}

fn broken() -> VMLogicError {
    VMLogicError::ExternalError(AnyError::new(()))
}

fn yes(answer: c_int) -> Result<bool> {
    if answer == YES || answer == NO { Ok(answer == YES) } else { Err(broken()) }
}

/// Names of methods are text on the wire.
fn utf8(name: Vec<u8>) -> Result<String> {
    String::from_utf8(name).map_err(|_| HostError::InvalidMethodName.into())
}

fn names(methods: Methods) -> Result<Vec<String>> {
    methods.into_iter().map(utf8).collect()
}

struct Value(Vec<u8>);

impl ValuePtr for Value {
    fn len(&self) -> u32 {
        self.0.len() as u32
    }
    fn deref(&self, _: Tracker) -> Result<Vec<u8>> {
        Ok(self.0.clone())
    }
}

/// Runs a callback of the storage and charges the nodes it touched.
fn stored(tracker: Tracker, ask: impl FnOnce(&mut Bytes, &mut Touch) -> c_int) -> Result<(Option<Vec<u8>>, u64)> {
    let (mut value, mut touch) = (Bytes::of(&[]), Touch::default());
    let found = yes(ask(&mut value, &mut touch))?;
    tracker.trie_node_touched(touch.trie_nodes)?;
    tracker.cached_trie_node_access(touch.cached_trie_nodes)?;
    Ok((found.then(|| unsafe { value.get() }.to_vec()), touch.evicted_bytes))
}

impl Embedder<'_> {
    fn read(&self, tracker: Tracker, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(stored(tracker, |v, t| (self.host.storage_read)(self.at, Bytes::of(key), v, t))?.0)
    }

    fn receipt_added(&mut self, answer: c_int, index: u64, receiver: AccountId) -> Result<Option<u64>> {
        if !yes(answer)? {
            return Ok(None);
        }
        self.receivers.push(receiver);
        if index + 1 == self.receivers.len() as u64 { Ok(Some(index)) } else { Err(broken()) }
    }

    fn add(&mut self, receipt: u64, action: impl BorshSerialize, weight: u64) -> u64 {
        let (mut index, bytes) = (0, borsh::to_vec(&action).expect("written to memory"));
        let answer = (self.host.receipt_action)(self.at, receipt, Bytes::of(&bytes), weight, &mut index);
        self.broken |= answer != YES;
        index
    }

    fn create_yield(&mut self, id: *const u8, receiver: AccountId) -> Result<Option<(u64, CryptoHash)>> {
        let (mut index, mut data_id) = (0, [0; 32]);
        let answer = (self.host.yield_create)(self.at, id, &mut index, &mut data_id);
        Ok(self.receipt_added(answer, index, receiver)?.map(|index| (index, CryptoHash(data_id))))
    }

    fn resume(&mut self, id: CryptoHash, is_yield_id: bool, data: Vec<u8>) -> Result<bool> {
        yes((self.host.yield_resume)(self.at, &id.0, is_yield_id, Bytes::of(&data)))
    }

    fn stake(&self, account: &[u8]) -> Result<Option<Balance>> {
        let mut stake = 0;
        let found = yes((self.host.validator_stake)(self.at, Bytes::of(account), &mut stake))?;
        Ok(found.then_some(Balance::from_yoctonear(stake)))
    }
}

/// Methods of the trait that add an action to a receipt: arguments, the action, its answer, its weight.
macro_rules! actions {
    ($($name:ident($($arg:ident: $t:ty),*) $(-> $ret:ty)? = $action:expr $(=> $answer:expr)? $(, $weight:expr)?;)*) => {$(
        fn $name(&mut self, receipt: u64 $(, $arg: $t)*) $(-> $ret)? {
            self.add(receipt, $action, 0 $(+ $weight)?);
            $($answer)?
        }
    )*};
}

impl External for Embedder<'_> {
    fn storage_set<'a>(&'a mut self, tracker: Tracker, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>> {
        let (key, value) = (Bytes::of(key), Bytes::of(value));
        let (old, evicted) = stored(tracker, |v, t| (self.host.storage_write)(self.at, key, value, v, t))?;
        tracker.deref_write_evicted_value_bytes(evicted)?;
        Ok(old)
    }
    fn storage_get<'a>(&'a self, tracker: Tracker, key: &[u8]) -> Result<Option<Box<dyn ValuePtr + 'a>>> {
        Ok(self.read(tracker, key)?.map(|value| Box::new(Value(value)) as Box<dyn ValuePtr>))
    }
    fn storage_remove(&mut self, tracker: Tracker, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let (old, evicted) = stored(tracker, |v, t| (self.host.storage_remove)(self.at, Bytes::of(key), v, t))?;
        tracker.deref_removed_value_bytes(evicted)?;
        Ok(old)
    }
    fn storage_has_key(&mut self, tracker: Tracker, key: &[u8]) -> Result<bool> {
        Ok(self.read(tracker, key)?.is_some())
    }
    fn get_recorded_storage_size(&self) -> usize {
        0
    }
    fn storage_proof_size_before_receipt(&self) -> usize {
        0
    }
    fn validator_stake(&self, account_id: &AccountId) -> Result<Option<Balance>> {
        self.stake(account_id.as_bytes())
    }
    fn validator_total_stake(&self) -> Result<Balance> {
        Ok(self.stake(&[])?.unwrap_or_default())
    }
    fn chain_id(&self) -> String {
        self.chain_id.clone()
    }
    /// Embedders know the two curves of NEAR 4.1.
    fn post_quantum_keys_enabled(&self) -> bool {
        false
    }

    fn create_action_receipt(&mut self, after: Vec<u64>, receiver_id: AccountId) -> Result<u64> {
        let (mut index, to) = (0, Bytes::of(receiver_id.as_bytes()));
        let answer = (self.host.receipt_new)(self.at, after.as_ptr(), after.len(), to, &mut index);
        self.receipt_added(answer, index, receiver_id)?.ok_or_else(broken)
    }
    fn get_receipt_receiver(&self, receipt: u64) -> &AccountId {
        &self.receivers[receipt as usize]
    }
    fn set_refund_to(&mut self, receipt: u64, refund_to: AccountId) {
        let account = Bytes::of(refund_to.as_bytes());
        self.broken |= (self.host.receipt_refund_to)(self.at, receipt, account) != YES;
    }
    /// The VM itself never asks: yield_create answers with one.
    fn generate_data_id(&mut self) -> CryptoHash {
        CryptoHash::default()
    }
    fn create_promise_yield_receipt(&mut self, receiver_id: AccountId) -> Result<(u64, CryptoHash)> {
        self.create_yield(std::ptr::null(), receiver_id)?.ok_or_else(broken)
    }
    fn create_promise_yield_receipt_with_id(&mut self, to: AccountId, id: YieldId) -> Result<Option<(u64, CryptoHash)>> {
        self.create_yield(id.0 .0.as_ptr(), to)
    }
    fn submit_promise_resume_data(&mut self, data_id: CryptoHash, data: Vec<u8>) -> Result<bool> {
        self.resume(data_id, false, data)
    }
    fn submit_promise_resume_data_with_yield_id(&mut self, id: YieldId, data: Vec<u8>) -> Result<bool> {
        self.resume(id.0, true, data)
    }

    actions! {
        append_action_create_account() = 0u8;
        append_action_deploy_contract(code: Vec<u8>) = (1u8, code);
        append_action_function_call_weight(method: Vec<u8>, args: Vec<u8>, deposit: Balance, gas: Gas, weight: GasWeight)
            -> Result<()> = (2u8, utf8(method)?, args, gas.as_gas(), deposit) => Ok(()), weight.0;
        append_action_transfer(deposit: Balance) = (3u8, deposit);
        append_action_stake(stake: Balance, key: PublicKey) = (4u8, stake, key);
        append_action_add_key_with_full_access(key: PublicKey, nonce: u64) = (5u8, key, nonce, 1u8);
        append_action_add_key_with_function_call(key: PublicKey, nonce: u64, allowance: Option<Balance>, to: AccountId,
            methods: Methods) -> Result<()> = (5u8, key, nonce, 0u8, allowance, to, names(methods)?) => Ok(());
        append_action_add_gas_key_with_full_access(key: PublicKey, nonces: u16) =
            (5u8, key, 0u64, 3u8, 0u128, nonces);
        append_action_add_gas_key_with_function_call(key: PublicKey, nonces: u16, allowance: Option<Balance>, to: AccountId,
            methods: Methods) -> Result<()> = (5u8, key, 0u64, 2u8, 0u128, nonces, allowance, to, names(methods)?) => Ok(());
        append_action_delete_key(key: PublicKey) = (6u8, key);
        append_action_delete_account(beneficiary: AccountId) = (7u8, beneficiary);
        append_action_deploy_global_contract(code: Vec<u8>, mode: Mode) = (9u8, code, mode == Mode::AccountId);
        append_action_use_global_contract(id: GlobalId) = (10u8, WireId::from(id));
        append_action_transfer_to_gas_key(key: PublicKey, deposit: Balance) = (12u8, key, deposit);
    }
    fn append_action_deterministic_state_init(&mut self, receipt: u64, id: GlobalId, amount: Balance) -> u64 {
        self.add(receipt, (11u8, 0u8, WireId::from(id), 0u32, amount), 0)
    }
    fn set_deterministic_state_init_data_entry(&mut self, r: u64, action: u64, key: Vec<u8>, value: Vec<u8>) -> Result<()> {
        match (self.host.state_init_entry)(self.at, r, action, Bytes::of(&key), Bytes::of(&value)) {
            YES => Ok(()),
            NO_SUCH_ACTION => Err(HostError::InvalidActionIndex { receipt_index: r, action_index: action }.into()),
            DUPLICATE_ENTRY => Err(HostError::DataEntryAlreadyExists.into()),
            _ => Err(broken()),
        }
    }

    // Universal state init belongs to protocol version 88 (NEAR 9).
    fn check_state_init(&self, _: &RawStateInit) -> std::result::Result<(), StateInitError> {
        Err(StateInitError::Malformed)
    }
    fn state_init_send_counts(&self, _: &RawStateInit, _: DecodeMode) -> UniversalStateInitCounts {
        UniversalStateInitCounts::default()
    }
    fn append_action_universal_state_init(&mut self, _: u64, _: RawStateInit, _: Balance) {
        self.broken = true;
    }
}
