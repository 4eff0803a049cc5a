#include "tha4/render/rig_poser.h"

#include "cuda_rig_poser.h"
#include "host_rig_poser.h"

namespace tha4 {

std::unique_ptr<Poser> make_rig_poser(Rig rig, c10::Device device) {
  if (CudaRigPoser::is_possible(device)) return std::make_unique<CudaRigPoser>(std::move(rig), device);
  return std::make_unique<HostRigPoser>(std::move(rig), device);
}

}  // namespace tha4
