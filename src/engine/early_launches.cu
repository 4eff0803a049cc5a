// Launches that begin before the ones before them are over (compute capability 9.0 and newer).

/// Lets the next launch of the stream begin its preparations on multiprocessors that are free.
__device__ __forceinline__ void let_next_launch_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// Waits until what was launched before is over, where it may not be.
__device__ __forceinline__ void wait_for_last_launch() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
