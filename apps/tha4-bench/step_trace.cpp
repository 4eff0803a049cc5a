#include "step_trace.h"

#include <set>

#include <torch/csrc/autograd/profiler_kineto.h>

#include "tha4/base/atomic_file.h"

namespace tha4::app {

void trace(const std::function<void()>& work, c10::Device device, const std::filesystem::path& file) {
  using torch::profiler::impl::ActivityType;
  const torch::profiler::impl::ProfilerConfig config(torch::profiler::impl::ProfilerState::KINETO);
  std::set<ActivityType> activities{ActivityType::CPU};
  if (device.is_cuda()) activities.insert(ActivityType::CUDA);
  torch::autograd::profiler::prepareProfiler(config, activities);
  torch::autograd::profiler::enableProfiler(config, activities);
  work();
  const auto result = torch::autograd::profiler::disableProfiler();
  write_file_atomically(file,
                        [&](const std::filesystem::path& temporary) { result->save(temporary.string()); });
}

}  // namespace tha4::app
