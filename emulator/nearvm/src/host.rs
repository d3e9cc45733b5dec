//! `External` over the callbacks of nearvm_host. An action goes out as the Borsh of the wire.
use crate::abi::*;
use borsh::BorshSerialize;
use near_crypto::PublicKey;
use near_primitives_core::hash::{CryptoHash, YieldId};
use near_primitives_core::types::{AccountId, Balance, Gas, GasWeight};
use near_primitives_core::universal_state_init::*;
use near_vm_runner::logic::errors::AnyError;
use near_vm_runner::logic::types::{GlobalContractDeployMode, GlobalContractIdentifier as GlobalId};
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
    match answer {
        YES => Ok(true),
        NO => Ok(false),
        _ => Err(broken()),
    }
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

fn nodes(tracker: Tracker, touch: &Touch) -> Result<()> {
    tracker.trie_node_touched(touch.trie_nodes)?;
    tracker.cached_trie_node_access(touch.cached_trie_nodes)
}

fn global(id: GlobalId) -> near_primitives_core::global_contract::GlobalContractIdentifier {
    id.into()
}

impl Embedder<'_> {
    fn read(&self, tracker: Tracker, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let (mut value, mut touch) = (Bytes::of(&[]), Touch::default());
        let found = yes((self.host.storage_read)(self.at, Bytes::of(key), &mut value, &mut touch))?;
        nodes(tracker, &touch)?;
        Ok(found.then(|| unsafe { value.get() }.to_vec()))
    }

    fn receipt_added(&mut self, index: u64, receiver: AccountId) -> Result<u64> {
        if index != self.receivers.len() as u64 {
            return Err(broken());
        }
        self.receivers.push(receiver);
        Ok(index)
    }

    fn weighted(&mut self, receipt: u64, action: impl BorshSerialize, weight: u64) -> u64 {
        let (mut index, bytes) = (0, borsh::to_vec(&action).expect("written to memory"));
        let answer = (self.host.receipt_action)(self.at, receipt, Bytes::of(&bytes), weight, &mut index);
        self.broken |= answer != YES;
        index
    }

    fn add(&mut self, receipt: u64, action: impl BorshSerialize) {
        self.weighted(receipt, action, 0);
    }

    fn create_yield(&mut self, id: *const u8, receiver: AccountId) -> Result<Option<(u64, CryptoHash)>> {
        let (mut index, mut data_id) = (0, [0; 32]);
        if !yes((self.host.yield_create)(self.at, id, &mut index, &mut data_id))? {
            return Ok(None);
        }
        Ok(Some((self.receipt_added(index, receiver)?, CryptoHash(data_id))))
    }

    fn resume(&mut self, id: &[u8; 32], is_yield_id: bool, data: &[u8]) -> Result<bool> {
        yes((self.host.yield_resume)(self.at, id, is_yield_id, Bytes::of(data)))
    }

    fn stake(&self, account: &[u8]) -> Result<Option<Balance>> {
        let mut stake = 0;
        let found = yes((self.host.validator_stake)(self.at, Bytes::of(account), &mut stake))?;
        Ok(found.then_some(Balance::from_yoctonear(stake)))
    }
}

impl External for Embedder<'_> {
    fn storage_set<'a>(&'a mut self, tracker: Tracker, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>> {
        let (mut old, mut touch) = (Bytes::of(&[]), Touch::default());
        let (key, value) = (Bytes::of(key), Bytes::of(value));
        let replaced = yes((self.host.storage_write)(self.at, key, value, &mut old, &mut touch))?;
        nodes(tracker, &touch)?;
        tracker.deref_write_evicted_value_bytes(touch.evicted_bytes)?;
        Ok(replaced.then(|| unsafe { old.get() }.to_vec()))
    }
    fn storage_get<'a>(&'a self, tracker: Tracker, key: &[u8]) -> Result<Option<Box<dyn ValuePtr + 'a>>> {
        Ok(self.read(tracker, key)?.map(|value| Box::new(Value(value)) as Box<dyn ValuePtr>))
    }
    fn storage_remove(&mut self, tracker: Tracker, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let (mut old, mut touch) = (Bytes::of(&[]), Touch::default());
        let removed = yes((self.host.storage_remove)(self.at, Bytes::of(key), &mut old, &mut touch))?;
        nodes(tracker, &touch)?;
        tracker.deref_removed_value_bytes(touch.evicted_bytes)?;
        Ok(removed.then(|| unsafe { old.get() }.to_vec()))
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
        if !yes(answer)? {
            return Err(broken());
        }
        self.receipt_added(index, receiver_id)
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
    fn create_promise_yield_receipt_with_id(
        &mut self,
        receiver_id: AccountId,
        id: YieldId,
    ) -> Result<Option<(u64, CryptoHash)>> {
        self.create_yield(id.0 .0.as_ptr(), receiver_id)
    }
    fn submit_promise_resume_data(&mut self, data_id: CryptoHash, data: Vec<u8>) -> Result<bool> {
        self.resume(&data_id.0, false, &data)
    }
    fn submit_promise_resume_data_with_yield_id(&mut self, id: YieldId, data: Vec<u8>) -> Result<bool> {
        self.resume(&id.0 .0, true, &data)
    }

    fn append_action_create_account(&mut self, receipt: u64) {
        self.add(receipt, 0u8)
    }
    fn append_action_deploy_contract(&mut self, receipt: u64, code: Vec<u8>) {
        self.add(receipt, (1u8, code))
    }
    fn append_action_function_call_weight(
        &mut self,
        receipt: u64,
        method: Vec<u8>,
        args: Vec<u8>,
        deposit: Balance,
        gas: Gas,
        weight: GasWeight,
    ) -> Result<()> {
        self.weighted(receipt, (2u8, method, args, gas.as_gas(), deposit), weight.0);
        Ok(())
    }
    fn append_action_transfer(&mut self, receipt: u64, deposit: Balance) {
        self.add(receipt, (3u8, deposit))
    }
    fn append_action_stake(&mut self, receipt: u64, stake: Balance, key: PublicKey) {
        self.add(receipt, (4u8, stake, key))
    }
    fn append_action_add_key_with_full_access(&mut self, receipt: u64, key: PublicKey, nonce: u64) {
        self.add(receipt, (5u8, key, nonce, 1u8))
    }
    fn append_action_add_key_with_function_call(
        &mut self,
        receipt: u64,
        key: PublicKey,
        nonce: u64,
        allowance: Option<Balance>,
        receiver: AccountId,
        methods: Methods,
    ) -> Result<()> {
        self.add(receipt, (5u8, key, nonce, 0u8, allowance, receiver, methods));
        Ok(())
    }
    fn append_action_add_gas_key_with_full_access(&mut self, receipt: u64, key: PublicKey, nonces: u16) {
        self.add(receipt, (5u8, key, 0u64, 3u8, 0u128, nonces))
    }
    fn append_action_add_gas_key_with_function_call(
        &mut self,
        receipt: u64,
        key: PublicKey,
        nonces: u16,
        allowance: Option<Balance>,
        receiver: AccountId,
        methods: Methods,
    ) -> Result<()> {
        self.add(receipt, (5u8, key, 0u64, 2u8, 0u128, nonces, allowance, receiver, methods));
        Ok(())
    }
    fn append_action_delete_key(&mut self, receipt: u64, key: PublicKey) {
        self.add(receipt, (6u8, key))
    }
    fn append_action_delete_account(&mut self, receipt: u64, beneficiary_id: AccountId) {
        self.add(receipt, (7u8, beneficiary_id))
    }
    fn append_action_deploy_global_contract(&mut self, r: u64, code: Vec<u8>, mode: GlobalContractDeployMode) {
        self.add(r, (9u8, code, mode == GlobalContractDeployMode::AccountId))
    }
    fn append_action_use_global_contract(&mut self, receipt: u64, id: GlobalId) {
        self.add(receipt, (10u8, global(id)))
    }
    fn append_action_deterministic_state_init(&mut self, receipt: u64, id: GlobalId, amount: Balance) -> u64 {
        self.weighted(receipt, (11u8, 0u8, global(id), 0u32, amount), 0)
    }
    fn append_action_transfer_to_gas_key(&mut self, receipt: u64, key: PublicKey, deposit: Balance) {
        self.add(receipt, (12u8, key, deposit))
    }
    fn set_deterministic_state_init_data_entry(
        &mut self,
        receipt_index: u64,
        action_index: u64,
        key: Vec<u8>,
        value: Vec<u8>,
    ) -> Result<()> {
        let (key, value) = (Bytes::of(&key), Bytes::of(&value));
        match (self.host.state_init_entry)(self.at, receipt_index, action_index, key, value) {
            YES => Ok(()),
            NO_SUCH_ACTION => Err(HostError::InvalidActionIndex { receipt_index, action_index }.into()),
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
