"""Landmarks of a recording as the files of other tools; `python -m tests.landmark_files` makes the samples again.

The samples hold what a tool of that format could have found in the clip: its own keypoints, rounded as it rounds, 2-D
unless the format has more.
"""

import csv
import json
import pickle
from pathlib import Path

import numpy as np

from hipform.pose.poses import Landmark, Pose, TrunkContour
from hipform.pose.readers.keypoint_names import BODY25, COCO17, landmark_of
from hipform.pose.recording import Recording, RecordingWriter
from hipform.video.frames import ClipInfo

SAMPLES = Path(__file__).resolve().parent / "pose" / "landmark_files"
NATIVE = SAMPLES / "native_landmarks.npz"
"""hipform's own landmarks (heavy) of sample_videos/hip-thrust_good.mp4, `FPS` of its frames a second."""
FPS = 15.0
SIZE_PX = (1280, 720)
PX_PER_M = 400.0

FILES = {
    "coco17": "coco17.json",
    "body25": "body25.json",
    "openpose": "openpose",
    "mmpose": "mmpose.json",
    "deeplabcut": "deeplabcut.csv",
    "sleap": "sleap.slp",
    "trc": "opencap.trc",
    "mediapipe": "mediapipe.json",
}
"""The first sample of each format."""
MORE_FILES = {
    "deeplabcut.h5": "deeplabcut",
    "sleap_analysis.h5": "sleap",
    "sports2d.trc": "trc",
    "coco_frames.json": "coco17",
}
"""Other forms of a format."""


def native_poses():
    """Return the poses that all samples were made from."""
    with np.load(NATIVE) as arrays:
        columns = [arrays[name].astype(float) for name in ("t_s", "image_px", "world_m", "visibility", "contour")]
    return [
        Pose(float(t_s), image_px, world_m, visibility, 0, TrunkContour(*contour))
        for t_s, image_px, world_m, visibility, contour in zip(*columns, strict=True)
    ]


def write_native(path):
    """Write the recording that `analyze` would have kept of them."""
    info = ClipInfo(name="hip-thrust_good.mp4", width_px=SIZE_PX[0], height_px=SIZE_PX[1], fps=FPS)
    with RecordingWriter(path, info, "heavy") as writer:
        for pose in native_poses():
            writer.write(pose)
    return path


def poses_of(recording):
    with Recording(recording) as poses:
        return list(poses)


def rows(pose, names):
    """Return x, y and score of the named keypoints, shape (n, 3); zeros where there is none, as tools write them."""
    found = np.zeros((len(names), 3))
    for place, name in enumerate(names):
        landmark = landmark_of(name)
        if landmark is not None:
            found[place] = *pose.image_px[landmark], _score(pose.visibility[landmark])
    # Middles that tools of this layout find themselves.
    for middle, pair in {"neck": "SHOULDER", "MidHip": "HIP"}.items():
        if middle in names:
            ends = [Landmark[f"{side}_{pair}"] for side in ("LEFT", "RIGHT")]
            found[names.index(middle)] = *pose.image_px[ends].mean(axis=0), _score(pose.visibility[ends].min())
    return np.nan_to_num(found).round(3)


def _score(visibility):
    """Return a score for a point that is hidden, as other tools give it: lower, and not as low as MediaPipe's."""
    return 0.35 + 0.6 * visibility


def write_coco_results(path, poses, names=COCO17):
    entries = [
        {"image_id": index, "category_id": 1, "keypoints": rows(pose, names).ravel().tolist(), "score": 0.9}
        for index, pose in enumerate(poses)
        if pose.found
    ]
    path.write_text(json.dumps(entries))


def write_frames(path, poses, names=COCO17):
    frames = [
        {"t_s": round(pose.t_s, 4), "people": [{"keypoints": rows(pose, names).tolist()}] if pose.found else []}
        for pose in poses
    ]
    path.write_text(json.dumps({"width": SIZE_PX[0], "height": SIZE_PX[1], "frames": frames}))


def write_openpose(path, poses):
    path.mkdir(exist_ok=True)
    for index, pose in enumerate(poses):
        people = [{"person_id": [-1], "pose_keypoints_2d": rows(pose, BODY25).ravel().tolist()}] if pose.found else []
        (path / f"clip_{index:012d}_keypoints.json").write_text(json.dumps({"version": 1.3, "people": people}))


def write_mmpose(path, poses):
    names = {str(place): name for place, name in enumerate(COCO17)}
    info = [
        {
            "frame_id": index,
            "instances": [
                {"keypoints": found[:, :2].tolist(), "keypoint_scores": found[:, 2].tolist(), "bbox_score": 0.9}
                for found in ([rows(pose, COCO17)] if pose.found else [])
            ],
        }
        for index, pose in enumerate(poses)
    ]
    meta = {"dataset_name": "coco", "num_keypoints": len(names), "keypoint_id2name": names}
    path.write_text(json.dumps({"meta_info": meta, "instance_info": info}))


def write_deeplabcut_csv(path, poses):
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scorer", *["DLC_rtmpose_x"] * (3 * len(COCO17))])
        writer.writerow(["bodyparts", *[name for name in COCO17 for _ in range(3)]])
        writer.writerow(["coords", *["x", "y", "likelihood"] * len(COCO17)])
        writer.writerows([index, *rows(pose, COCO17).ravel().tolist()] for index, pose in enumerate(poses))


def write_deeplabcut_h5(path, poses):
    """Write what pandas writes for a table: the names of the columns pickled beside the numbers."""
    import h5py

    names = [("DLC_rtmpose_x", name, axis) for name in COCO17 for axis in ("x", "y", "likelihood")]
    kind = np.dtype([("index", "<i8"), ("values_block_0", "<f8", (len(names),))])
    table = np.array([(index, rows(pose, COCO17).ravel()) for index, pose in enumerate(poses)], kind)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("df_with_missing/table", data=table)
        data.attrs["non_index_axes"] = np.bytes_(pickle.dumps([(1, names)], protocol=0))


def write_sleap_project(path, poses):
    import h5py

    meta = {
        "nodes": [{"name": name} for name in COCO17],
        "skeletons": [{"nodes": [{"id": place} for place in range(len(COCO17))], "links": []}],
    }
    points, instances, frames = [], [], []
    for index, pose in enumerate(poses):
        first = len(instances)
        if pose.found:
            start = len(points)
            points += [(x, y, True, False, score) for x, y, score in rows(pose, COCO17)]
            instances.append((first, 1, len(frames), 0, 0, -1, 0.9, start, len(points), 0.9))
        frames.append((index, 0, index, first, len(instances)))
    with h5py.File(path, "w") as file:
        file.create_group("metadata").attrs["json"] = np.bytes_(json.dumps(meta))
        file["frames"] = np.array(
            frames, _kind("frame_id:u8 video:u4 frame_idx:u8 instance_id_start:u8 instance_id_end:u8")
        )
        file["instances"] = np.array(
            instances,
            _kind(
                "instance_id:i8 instance_type:u1 frame_id:u8 skeleton:u4 track:i4 from_predicted:i8 score:f4 "
                "point_id_start:u8 point_id_end:u8 tracking_score:f4"
            ),
        )
        file["points"] = np.array([], _kind("x:f8 y:f8 visible:? complete:?"))
        file["pred_points"] = np.array(points, _kind("x:f8 y:f8 visible:? complete:? score:f8"))


def _kind(fields):
    return np.dtype([tuple(field.split(":")) for field in fields.split()])


def write_sleap_analysis(path, poses):
    import h5py

    found = np.array([rows(pose, COCO17) for pose in poses])
    with h5py.File(path, "w") as file:
        file["node_names"] = np.array([name.encode() for name in COCO17])
        file["track_names"] = np.array([b"lifter"])
        file["tracks"] = np.where(found[:, :, 2:] > 0, found[:, :, :2], np.nan).transpose(2, 1, 0)[None]
        file["point_scores"] = found[:, :, 2].T[None]


TRC_NAMES = (
    *("Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "midHip", "RHip", "LHip"),
    *("RKnee", "LKnee", "RAnkle", "LAnkle", "RHeel", "LHeel", "RBigToe", "LBigToe", "r_shoulder_study"),
)


def write_trc(path, poses, *, is_3d, fps=FPS, units="m"):
    """Write markers in metres, y up: the picture's two coordinates, and in 3-D the model's depth as the third."""
    scale = 1000.0 if units == "mm" else 1.0
    header = f"{fps:g}\t{fps:g}\t{len(poses)}\t{len(TRC_NAMES)}\t{units}\t{fps:g}\t1\t{len(poses)}"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        header,
        "Frame#\tTime\t" + "\t\t\t".join(TRC_NAMES) + "\t\t\t",
        "\t\t" + "\t".join(f"X{place}\tY{place}\tZ{place}" for place in range(1, len(TRC_NAMES) + 1)) + "\t",
    ]
    for index, pose in enumerate(poses):
        cells = [str(index + 1), f"{index / fps:.4f}"]
        for name in TRC_NAMES:
            landmark = landmark_of(name)
            if landmark is None or not pose.found:
                cells += ["", "", ""]
                continue
            x, y = pose.image_px[landmark] / PX_PER_M
            z = -pose.world_m[landmark, 2] if is_3d else 0.1 * name.startswith("R")
            cells += [f"{scale * value:.5f}" for value in (x, 2 - y, z)]
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")


def write_mediapipe(path, poses):
    frames = [
        {
            "timestamp_ms": round(1000 * pose.t_s),
            "landmarks": [_points(pose.image_px / SIZE_PX, pose.visibility)] if pose.found else [],
            "worldLandmarks": [_points(pose.world_m, pose.visibility)] if pose.found else [],
        }
        for pose in poses
    ]
    path.write_text(json.dumps({"width": SIZE_PX[0], "height": SIZE_PX[1], "frames": frames}))


def _points(points, visibility):
    axes = ("x", "y", "z")[: points.shape[1]]
    return [
        {
            **{axis: round(float(value), 5) for axis, value in zip(axes, point, strict=True)},
            "visibility": round(float(seen), 3),
        }
        for point, seen in zip(points, visibility, strict=True)
    ]


WRITERS = {
    "coco17.json": write_coco_results,
    "coco_frames.json": write_frames,
    "body25.json": lambda path, poses: write_frames(path, poses, BODY25),
    "openpose": write_openpose,
    "mmpose.json": write_mmpose,
    "deeplabcut.csv": write_deeplabcut_csv,
    "deeplabcut.h5": write_deeplabcut_h5,
    "sleap.slp": write_sleap_project,
    "sleap_analysis.h5": write_sleap_analysis,
    "opencap.trc": lambda path, poses: write_trc(path, poses, is_3d=True),
    "sports2d.trc": lambda path, poses: write_trc(path, poses, is_3d=False),
    "mediapipe.json": write_mediapipe,
}


if __name__ == "__main__":
    for name, write in WRITERS.items():
        write(SAMPLES / name, native_poses())
